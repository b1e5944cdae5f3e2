%% A map of thousands of keys: insert, look up, update, remove.
-module(bench_maps_large).
-export([run/1]).

run(N) -> repeat(N, 0).
repeat(0, S) -> S;
repeat(N, S) ->
    M = lists:foldl(fun(I, A) -> A#{(I * 7919) rem 10007 => I} end, #{}, lists:seq(1, 2000)),
    G = lists:foldl(fun(I, A) -> case M of #{I := V} -> A + V; _ -> A end end, 0,
        lists:seq(1, 2000)),
    R = lists:foldl(fun(I, A) -> maps:remove(I, A) end, M, lists:seq(1, 1000)),
    repeat(N - 1, (S + G + map_size(R)) band 16#ffffff).
