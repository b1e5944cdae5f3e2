%% Nested iolists measured and flattened, as output code does.
-module(bench_iolists_flatten).
-export([run/1]).

run(N) ->
    L = [["<li>", [<<"item ">>, integer_to_list(I)], $\n, [[<<"</li>">>]]]
        || I <- lists:seq(1, 200)], repeat(N, L, 0).
repeat(0, _, S) -> S;
repeat(N, L, S) ->
    repeat(N - 1, L,
        (S + iolist_size(L) + byte_size(iolist_to_binary(L)) + length(lists:flatten(L))) band 16#ffffff).
