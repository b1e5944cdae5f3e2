%% The older phash with its exact values.
-module(hash_phash).
-export([run/0]).
-include("diff.hrl").

run() ->
    [{T, [erlang:phash(T, R) || R <- [1, 2, 1000, 1 bsl 32]]}
        || T <- [0, 1, -1, 255, 1 bsl 27, 1 bsl 59, 1 bsl 70, -(1 bsl 70), 1.5, -0.0, a, abc, [],
        [1], "abc", [1 | 2], [a, [b]], {}, {1}, {a, b}, <<>>, <<"hello">>, <<1:3>>,
        fun lists:map/2]] ++ [?TRY(erlang:phash(a, ?ID(N))) || N <- [0, -1, (1 bsl 32) + 1, a]].
