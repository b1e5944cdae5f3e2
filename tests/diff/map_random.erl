%% Thousands of pseudo-random puts, updates and removals checked against a list model.
-module(map_random).
-export([run/0]).
-include("diff.hrl").

run() ->
    {M, L} = steps(4000, 12345, #{}, []), [map_size(M), map_size(M) =:= length(L),
        [K || {K, V} <- L, maps:get(K, M, none) =/= V], erlang:phash2(maps:keys(M)),
        M =:= maps:from_list(L)].
steps(0, _, M, L) -> {M, L};
steps(N, S, M, L) ->
    S1 = (S * 1103515245 + 12345) band 16#7fffffff, K = key((S1 bsr 8) rem 300),
    case (S1 bsr 20) rem 3 of
        0 -> steps(N - 1, S1, maps:remove(K, M), del(K, L));
        _ -> steps(N - 1, S1, M#{K => N}, [{K, N} | del(K, L)])
    end.
key(I) when I rem 3 =:= 0 -> I;
key(I) when I rem 3 =:= 1 -> <<I:16>>;
key(I) -> {I, I / 2}.
del(K, [{K, _} | T]) -> T;
del(K, [H | T]) -> [H | del(K, T)];
del(_, []) -> [].
