%% diff: full
%% Sorting of every kind of input: sorted, reversed, equal, mixed types; stability of keysort.
-module(list_sort).
-export([run/0]).
-include("diff.hrl").

run() ->
    Ls = [[], [1], [2, 1], lists:seq(1, 50), lists:reverse(lists:seq(1, 50)),
        [x || _ <- lists:seq(1, 20)], [(I * 7919) rem 101 || I <- lists:seq(1, 200)],
        [1, 1.0, 2.0, 2, 1.0, 1], [b, "a", {1}, 3, <<"x">>, #{}, [], 2.5, a, fun lists:map/2],
        [{I rem 5, I} || I <- lists:seq(1, 40)]],
    [[lists:sort(L), lists:usort(L), lists:sort(fun(A, B) -> A >= B end, L),
        lists:usort(fun(A, B) -> A =< B end, L)] || L <- Ls]
        ++ [begin K = [{I rem 5, I rem 3, I} || I <- lists:seq(1, 40)],
        [lists:keysort(1, K), lists:keysort(2, K), lists:ukeysort(1, K),
        lists:keysort(3, lists:reverse(K)) =:= K] end, lists:merge([[1, 4], [2, 3], [0, 9]]),
        lists:merge(fun(A, B) -> A >= B end, [3, 1], [4, 2]), lists:umerge([1, 2], [2, 3]),
        lists:keymerge(1, [{1, a}, {2, b}], [{1, c}]), lists:merge3([1], [2], [3]),
        erlang:phash2(lists:sort([erlang:phash2(I) || I <- lists:seq(1, 3000)]))]
        ++ [?TRY(lists:sort(?ID(a))), ?TRY(lists:keysort(1, ?ID([a]))),
        ?TRY(lists:sort(?ID([1 | 2]))), ?TRY(lists:keysort(?ID(0), [{a}, {b}]))].
