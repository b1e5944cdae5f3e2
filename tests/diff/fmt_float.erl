%% diff: full
%% Floats printed by the library over a wide spread of values.
-module(fmt_float).
-export([run/0]).
-include("diff.hrl").

run() ->
    Fs = [M * math:pow(10, E) || E <- [-320, -300, -100, -20, -7, -5, -4, -3, -1, 0, 1, 5, 14, 15,
        16, 17, 20, 21, 22, 23, 100, 300], M <- [1.0, 1.5, 9.99, 1.2345678901234567, -7.0]],
        [{F, lists:flatten(io_lib:format("~w ~p ~g", [F, F, F])), float_to_list(F, [short]),
        list_to_float(lists:flatten(io_lib:format("~w", [F]))) =:= F} || F <- Fs]
        ++ [lists:flatten(io_lib:format("~.*f ~.*e", [D, F, D + 1, F]))
        || F <- [0.125, 2.5, 1234567.891, 1.0e15, 0.00001], D <- [1, 2, 5, 10]].
