%% diff: full
%% The maps module: iterators, folds, filters, groups, and their errors.
-module(map_stdlib).
-export([run/0]).
-include("diff.hrl").

run() ->
    M = #{a => 1, b => 2, c => 3}, L = maps:from_list([{I, I * I} || I <- lists:seq(1, 70)]),
    [maps:to_list(M), maps:to_list(L), maps:map(fun(K, V) -> {K, V} end, M),
        maps:filter(fun(_, V) -> V > 1 end, M), maps:filtermap(fun(_, V) when V > 1 -> {true,
        V * 2}; (_, _) -> false end, M), maps:fold(fun(K, V, A) -> [{K, V} | A] end, [], L),
        maps:foreach(fun(_, _) -> ok end, M), maps:next(maps:iterator(M)),
        it(maps:iterator(L), 0, 0), maps:with([a, z], M), maps:without([a, z], M),
        maps:update_with(a, fun(X) -> X + 1 end, M), maps:update_with(q, fun(X) -> X end, init, M),
        ?TRY(maps:update_with(q, fun(X) -> X end, M)), maps:merge_with(fun(K, A, B) -> {K, A,
        B} end, M, #{b => x, d => y}), maps:intersect(M, #{b => x}),
        maps:intersect_with(fun(_, A, B) -> {A, B} end, M, #{b => x, c => y, e => z}),
        maps:groups_from_list(fun(X) -> X rem 3 end, [1, 2, 3, 4, 5]),
        ?MSG(maps:fold(fun(_, _, A) -> A end, 0, ?ID(x))), ?MSG(maps:map(?ID(f), M)),
        ?MSG(maps:iterator(?ID(x))), ?MSG(maps:next(?ID(x))), ?MSG(maps:with(?ID(a), M)),
        ?MSG(maps:filter(fun(_) -> true end, M)), maps:size(maps:map(fun(_, V) -> V end, L))].
it(I, N, S) -> case maps:next(I) of {K, V, J} -> it(J, N + K, S + V); none -> {N, S} end.
