%% Scanning and parsing source text.
-module(bench_compile_scan).
-export([run/1]).

run(N) ->
    S = lists:flatten(lists:duplicate(20,
        "f(X, [H | T]) when X > 1, is_list(T) -> Y = {ok, <<X:8, \"abc\">>, #{a => 1.5}}, case g(Y, H) of {error, R} -> throw(R); Z -> fun(A) -> A + Z end end;\n"))
        ++ "f(_, _) -> done.\n", repeat(N, S, 0).
repeat(0, _, R) -> R;
repeat(N, S, R) ->
    {ok, T, _} = erl_scan:string(S), {ok, F} = erl_parse:parse_form(T),
    repeat(N - 1, S, (R + length(T) + tuple_size(F)) band 16#ffffff).
