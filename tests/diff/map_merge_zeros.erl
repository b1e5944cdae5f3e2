%% 0.0 and -0.0 are one key. Which of them is in a merged map: the second map's, whatever the sizes.
%% diff: full
-module(map_merge_zeros).
-export([run/0]).

run() ->
    [begin
         M = maps:merge(fill(NA, a, Zero), fill(NB, Tag, Zero * -1)),
         Zeros = [K || K <- maps:keys(M), is_float(K) orelse is_tuple(K) andalso is_float(element(1, K))],
         {NA, NB, Tag, maps:size(M), lists:sort(fun erlang:'=<'/2, Zeros), maps:get(0.0, M)}
     end || NA <- [0, 1, 5, 30, 31, 32, 33, 40, 100, 20000], NB <- [0, 1, 5, 30, 31, 32, 40, 100, 20000],
            Tag <- [a, b], Zero <- [zero(), zero() * -1]].

zero() -> list_to_float("0.0").
fill(N, Tag, Z) -> (maps:from_list([{{Tag, I}, I} || I <- lists:seq(1, N)]))#{Z => Tag, {Z, Z} => Tag}.
