%% diff: full
%% sets (both versions), ordsets, gb_sets: the same operations agree.
-module(set_all).
-export([run/0]).
-include("diff.hrl").

run() ->
    A = [3, 1, 2, a, 1.0, "s", 2], B = [2, b, a, 1],
    [{M, begin X = mk(M, A), Y = mk(M, B), S = fun(Z) -> lists:sort(M:to_list(Z)) end,
        [S(X), M:size(X), M:is_element(1, X), M:is_element(zz, X), S(M:union(X, Y)),
        S(M:intersection(X, Y)), S(M:subtract(X, Y)), M:is_subset(M:intersection(X, Y), X),
        M:is_disjoint(X, M:from_list([q])), S(M:add_element(new, X)), S(M:del_element(1, X)),
        S(M:filter(fun is_atom/1, X)), lists:sort(M:fold(fun(E, L) -> [E | L] end, [], X)),
        M:is_set(X), M:is_set(foo), M:is_empty(M:new()), S(M:union([X, Y, M:from_list([z])])),
        S(M:intersection([X, Y]))] end} || M <- [sets, ordsets, gb_sets]]
        ++ [sets:to_list(sets:from_list([1, 2, 3], [{version, 2}])),
        sets:size(sets:from_list(lists:seq(1, 1000))),
        lists:sort(sets:to_list(sets:from_list(lists:seq(1, 100)))) =:= lists:seq(1, 100),
        erlang:phash2(sets:from_list(lists:seq(1, 200))),
        gb_sets:smallest(gb_sets:from_list([3, 1])), gb_sets:largest(gb_sets:from_list([3, 1])),
        gb_sets:take_smallest(gb_sets:from_list([3, 1])),
        gb_sets:next(gb_sets:iterator(gb_sets:from_list([b, a]))),
        ?TRY(gb_sets:smallest(gb_sets:new())), ?TRY(gb_sets:insert(1, gb_sets:from_list([1]))),
        gb_sets:balance(gb_sets:from_list([1, 2, 3, 4, 5])), ordsets:from_list([b, a, b])].
mk(M, L) -> M:from_list(L).
