%% diff: full
%% Iterators over maps of many sizes see each pair once, in the order of keys/1.
-module(map_iter).
-export([run/0]).
-include("diff.hrl").

run() ->
    [begin M = maps:from_list([{{k, I, I * 0.5}, I} || I <- lists:seq(1, N)]),
        L = it(maps:next(maps:iterator(M))), {N, length(L), [K || {K, _} <- L] =:= maps:keys(M),
        L =:= maps:to_list(M), maps:fold(fun(_, V, S) -> V + S end, 0, M),
        lists:sum(maps:values(M))} end || N <- [0, 1, 5, 31, 32, 33, 34, 100, 1000, 3000]]
        ++ [maps:next(none), ?TRY(maps:next(?ID(bad))), ?TRY(maps:next([1 | 2]))].
it(none) -> [];
it({K, V, I}) -> [{K, V} | it(maps:next(I))].
