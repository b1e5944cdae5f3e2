%% diff: full
%% Traversal while objects are deleted and inserted: safe_fixtable keeps next and select going.
-module(ets_fix).
-export([run/0]).
-include("diff.hrl").

run() ->
    [begin E = ets:new(t, [T, public]), ets:insert(E, [{I} || I <- lists:seq(1, 300)]),
        ets:safe_fixtable(E, true), F = ets:info(E, safe_fixed) =/= false,
        N = walk(E, ets:first(E), 0), ets:safe_fixtable(E, false),
        {T, F, N, ets:info(E, size), ets:info(E, safe_fixed), ets:info(E, fixed), foldsum(E)} end
        || T <- [set, ordered_set, bag, duplicate_bag]]
        ++ [?TRY(ets:safe_fixtable(?ID(zz), true)), ?TRY(ets:next(ets:new(x, []), nokey))].
walk(_, '$end_of_table', N) -> N;
walk(E, K, N) ->
    X = ets:next(E, K), if K rem 2 =:= 0 -> ets:delete(E, K); true -> ok end, walk(E, X, N + 1).
foldsum(E) ->
    {ets:foldl(fun({K}, A) -> K + A end, 0, E), ets:foldr(fun({K}, A) -> K + A end, 0, E)}.
