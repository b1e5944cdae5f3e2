%% The list BIFs that live in the machine: reverse/2, member, key functions.
-module(list_bifs).
-export([run/0]).
-include("diff.hrl").

run() ->
    T = [{a, 1}, {b, 2}, {1, c}, {1.0, d}, x, {}, {z}, {2, e, f}, {"s", g}, {a, 2}],
    [?TRY(lists:reverse(A, B)) || {A, B} <- [{[1, 2, 3], []}, {[1, 2], [x]}, {[], y}, {[1 | 2], []},
        {a, []}, {[1], t}]]
    ++ [{X, ?TRY(lists:member(X, [a, 1, 2.0, "q", {1}, <<1>>, #{}])),
        ?TRY(lists:member(X, [a | b]))} || X <- [a, 1, 1.0, 2, 2.0, "q", {1}, <<1>>, #{}, zz]]
    ++ [{K, N, ?TRY(lists:keymember(K, N, T)), ?TRY(lists:keysearch(K, N, T)),
        ?TRY(lists:keyfind(K, N, T))} || K <- [a, b, 1, 1.0, 2, 2.0, "s", f, none], N <- [1, 2, 3]]
    ++ [?TRY(lists:keyfind(a, N, T)) || N <- [0, -1, a, 1.0, 1 bsl 70]]
        ++ [?TRY(lists:keyfind(zz, 1, [{a} | b])), ?TRY(lists:keyfind(a, 1, [{a} | b])),
            ?TRY(lists:keyfind(a, 1, q)), ?TRY(lists:keymember(a, 1, {})), ?TRY(lists:member(a, b)),
            ?TRY(lists:member(a, [])), ?TRY(lists:keysearch(a, 0, []))].
