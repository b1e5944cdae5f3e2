%% Keys whose hashes agree in their first bits, and equal-by-value keys of different types.
-module(map_collide).
-export([run/0]).
-include("diff.hrl").

run() ->
    Ks = [1, 1.0, {1}, {1.0}, [1], [1.0], 0.0, 0, 1 bsl 64, 18446744073709551616.0],
    B = fill(diff_runner:seq(1000, 1100), #{}), M = fill(Ks, B),
    [[{K, maps:get(K, M)} || K <- Ks], map_size(M), [maps:is_key(-K, M) || K <- [1, 1.0, 0]],
        maps:get({1}, M) =:= maps:get({1.0}, M), M == fill([1], maps:remove(1, M)),
        maps:remove(1.0, M) =:= maps:remove(1, M), map_size(maps:remove({1.0}, M)),
        erlang:phash2(M), deep(5000)].
fill([], M) -> M;
fill([K | Ks], M) -> fill(Ks, M#{K => {v, K}}).
deep(N) -> M = deep(N, #{}), {map_size(M), erlang:phash2(maps:keys(M))}.
deep(0, M) -> M;
deep(N, M) -> deep(N - 1, M#{{N rem 70, N div 70, 7.5} => N}).
