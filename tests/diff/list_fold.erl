%% diff: full
%% Folds and searches with funs that throw, change the process dictionary, and are named functions.
-module(list_fold).
-export([run/0]).
-include("diff.hrl").

run() ->
    put(c, 0), L = lists:seq(1, 10),
    [catch lists:foreach(fun(5) -> throw(stop); (X) -> put(c, X) end, L), get(c),
        lists:foldl(fun erlang:'+'/2, 0, L), lists:map(fun erlang:abs/1, [-1, 2]),
        ?TRACE(lists:map(fun(3) -> error(three); (X) -> X end, L)),
        ?TRACE(lists:foldl(fun(X, A) -> A + X end, x, L)),
        ?TRACE(lists:filter(fun(X) -> X end, [1])), ?TRY(lists:all(fun(_) -> 1 end, L)),
        ?TRY(lists:nth(11, L)), ?TRY(lists:nth(0, L)), ?TRY(lists:nthtail(11, L)),
        ?TRY(lists:last([])), ?TRY(lists:max([])), ?TRY(lists:sublist(L, 0, 2)),
        ?TRY(lists:sublist(L, -1)), ?TRY(lists:seq(1, 2, 0)), ?TRY(lists:seq(1, a)),
        ?TRY(lists:zip([1], [1, 2])), ?TRY(lists:split(11, L)), ?TRY(lists:duplicate(-1, x)),
        ?TRY(lists:sum([a])), ?TRY(lists:flatten([1 | 2])), ?TRY(lists:reverse(?ID([1 | 2]))),
        ?TRY(lists:concat([{}])), lists:takewhile(fun(X) -> X < 4 end, L),
        lists:mapfoldl(fun(X, {A, B}) -> {A + B, {X, A}} end, {0, 1}, L),
        lists:foldr(fun(X, A) -> [X | A] end, [], L), lists:search(fun(X) -> X > 50 end, L),
        lists:splitwith(fun(_) -> true end, L), lists:unzip3([{1, 2, 3}, {4, 5, 6}]),
        lists:zipwith3(fun(A, B, C) -> A + B + C end, [1], [2], [3]),
        lists:subtract([1, 2, 1], [1])].
