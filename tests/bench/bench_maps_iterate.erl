%% Maps folded, mapped, filtered, merged and turned into lists.
-module(bench_maps_iterate).
-export([run/1]).

run(N) ->
    A = maps:from_list([{I, I} || I <- lists:seq(1, 500)]),
    B = maps:from_list([{{k, I}, I} || I <- lists:seq(1, 20)]), repeat(N, A, B, 0).
repeat(0, _, _, S) -> S;
repeat(N, A, B, S) ->
    X = maps:fold(fun(_, V, T) -> V + T end, 0, A), C = maps:map(fun(_, V) -> V * 2 end, A),
    D = maps:filter(fun(_, V) -> V rem 4 =:= 0 end, C), E = maps:merge(A, B),
    repeat(N - 1, A, B,
        (S + X + map_size(D) + map_size(E) + length(maps:to_list(E)) + length(maps:keys(B))) band 16#ffffff).
