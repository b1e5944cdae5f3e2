%% gb_trees, sets, dict and arrays: the library's own data structures.
-module(bench_trees_library).
-export([run/1]).

run(N) -> repeat(N, 0).
repeat(0, S) -> S;
repeat(N, S) ->
    Ks = [(I * 7919) rem 503 || I <- lists:seq(1, 150)],
    T = lists:foldl(fun(K, A) -> gb_trees:enter(K, K, A) end, gb_trees:empty(), Ks),
    U = sets:from_list(Ks), D = lists:foldl(fun(K, A) -> dict:update_counter(K rem 20, 1, A) end,
        dict:new(), Ks), R = lists:foldl(fun(K, A) -> array:set(K, x, A) end, array:new(), Ks),
    repeat(N - 1, (S + gb_trees:size(T) + sets:size(U) + dict:size(D) + array:size(R) + length([1
        || K <- Ks, gb_trees:lookup(K + 1, T) =/= none])) band 16#ffffff).
