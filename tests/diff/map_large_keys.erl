%% Large maps keyed by binaries, tuples, floats, big integers and strings: order is a function of the keys.
-module(map_large_keys).
-export([run/0]).
-include("diff.hrl").

run() ->
    Ns = diff_runner:seq(1, 100),
    Gens = [fun(I) -> <<"key", I:32>> end, fun(I) -> {I, I * 2} end, fun(I) -> I * 1.5 end,
        fun(I) -> (I * 7919) bsl 60 end, fun(I) -> integer_to_list(I) end, fun(I) -> -I end,
        fun(I) -> [I | I] end, fun(I) -> <<I:7>> end, fun(I) -> {7, [I], <<I>>} end,
        fun(I) -> #{I => I} end, fun(I) -> I bsl 32 end],
    [begin M = fill(G, Ns, #{}), {maps:keys(M), erlang:phash2(M), map_size(M),
        [maps:get(G(I), M) || I <- [1, 50, 100]], maps:is_key(G(101), M)} end || G <- Gens].
fill(_, [], M) -> M;
fill(G, [N | Ns], M) -> fill(G, Ns, M#{G(N) => N}).
