%% diff: full
%% The lists module: results and the errors it documents.
-module(list_stdlib).
-export([run/0]).
-include("diff.hrl").

run() ->
    L = [5, 3, 8, 1, 3, 9, 2], K = [{3, a}, {1, b}, {3, c}, {2, d}],
    [lists:sort(L), lists:usort(L), lists:reverse(L), lists:sum(L), lists:max(L), lists:min(L),
        lists:nth(3, L), lists:nthtail(3, L), lists:last(L), lists:seq(1, 10, 3),
        lists:seq(5, 1, -2), lists:seq(1, 0), lists:keysort(1, K), lists:ukeysort(1, K),
        lists:keydelete(3, 1, K), lists:keyreplace(1, 1, K, {1, z}),
        lists:keystore(9, 1, K, {9, n}), lists:keytake(2, 1, K),
        lists:keymap(fun(X) -> X * 2 end, 1, K), lists:keymerge(1, [{1, a}, {3, b}],
        [{2, c}, {3, d}]),
     lists:merge([1, 3], [2, 4]), lists:umerge([[1, 3], [2, 3], [0]]),
     lists:flatten([1, [2, [3, []]], [[[4]]]]), lists:flatlength([1, [2, [3]]]),
     lists:append([[1], [2], [3, 4]]), lists:concat([a, 1, "b", 2.5]), lists:duplicate(3, x),
     lists:delete(3, L), lists:subtract(L, [3, 9]), lists:split(2, L),
     lists:splitwith(fun(X) -> X > 2 end, L), lists:takewhile(fun(X) -> X > 2 end, L),
     lists:dropwhile(fun(X) -> X > 2 end, L), lists:partition(fun(X) -> X rem 2 =:= 0 end, L),
     lists:map(fun(X) -> X * X end, L), lists:filter(fun(X) -> X > 3 end, L),
     lists:filtermap(fun(X) when X > 3 -> {true, -X}; (X) -> X =:= 1 end, L),
     lists:flatmap(fun(X) -> [X, X] end, [1, 2]), lists:foldl(fun(X, A) -> X - A end, 0, L),
     lists:foldr(fun(X, A) -> X - A end, 0, L), lists:mapfoldl(fun(X, A) -> {X + A, A + 1} end, 0,
         L), lists:mapfoldr(fun(X, A) -> {X + A, A + 1} end, 0, L), lists:zip([1, 2], [a, b]),
         lists:unzip([{1, a}, {2, b}]), lists:zip3([1], [2], [3]),
         lists:zipwith(fun(A, B) -> {B, A} end, [1, 2], [3, 4]), lists:any(fun(X) -> X > 8 end, L),
         lists:all(fun(X) -> X > 0 end, L), lists:prefix("ab", "abc"), lists:suffix("bc", "abc"),
         lists:sublist(L, 3), lists:sublist(L, 2, 3), lists:droplast(L), lists:join(x, [1, 2, 3]),
         lists:enumerate([a, b]), lists:search(fun(X) -> X > 5 end, L),
         lists:uniq([1, 2, 1, 3, 2])].
