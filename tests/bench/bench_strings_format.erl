%% io_lib:format with the usual directives.
-module(bench_strings_format).
-export([run/1]).

run(N) -> repeat(N, 0).
repeat(0, S) -> S;
repeat(N, S) ->
    L = io_lib:format("~p ~s ~w ~.3f ~5..0b ~ts ~-10s|~n",
        [{a, [1, 2], "str"}, "text", [x, {y}], 3.14159, N band 1023, <<"bin">>, "pad"]),
        repeat(N - 1, (S + iolist_size(L)) band 16#ffffff).
