%% Maps past the flat limit: growth, updates, removal back to flat, iteration order, hash.
-module(map_large).
-export([run/0]).
-include("diff.hrl").

run() ->
    M = fill(diff_runner:seq(1, 1000), #{}), N = fill(lists:reverse(diff_runner:seq(1, 1000), []),
        #{}),
    S = shrink(diff_runner:seq(11, 1000), M),
    [map_size(M), M =:= N, erlang:phash2(M), erlang:phash2(N), maps:get(500, M),
        ?TRY(maps:get(5000, M)), map_size(M#{5000 => x}), map_size(M#{500 => x}),
        (M#{500 => x}) =:= M, maps:find(1000, M), maps:find(1001, M), S, map_size(S), maps:keys(M),
        maps:keys(fill(diff_runner:seq(1, 33), #{})), fill(diff_runner:seq(1, 33), #{}),
        fill(diff_runner:seq(1, 32), #{}), ?TRY(M#{nokey := 1}), M#{7 := seven} < M,
        M#{7 := seven} > M, maps:take(77, shrink(diff_runner:seq(100, 1000), M)),
        [map_size(shrink(diff_runner:seq(K, 1000), M)) || K <- [2, 31, 32, 33, 34, 64, 65]],
        shrink(diff_runner:seq(34, 1000), M), shrink(diff_runner:seq(1, 1000), M)].
fill([K | Ks], M) -> fill(Ks, M#{K => K * K});
fill([], M) -> M.
shrink([K | Ks], M) -> shrink(Ks, maps:remove(K, M));
shrink([], M) -> M.
