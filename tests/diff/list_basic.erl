%% Construction, taking apart, improper tails, length and its failures.
-module(list_basic).
-export([run/0]).
-include("diff.hrl").

run() ->
    L = diff_runner:seq(1, 20),
    [hd(?ID(L)), tl(?ID(L)), length(?ID(L)), [0 | L], L ++ [x], L ++ y, [] ++ z, ?ID([]) ++ [],
        L -- [3, 4, 99, 1, 1], [a, b, a, c, a] -- ?ID([a, a]), ?ID("hello") -- "l",
     ?TRY(hd(?ID([]))), ?TRY(tl(?ID([]))), ?TRY(hd(?ID(a))), ?TRY(tl(?ID({}))),
     ?TRY(length(?ID([1 | 2]))), ?TRY(length(?ID(a))), ?TRY(length(?ID(#{}))), length(?ID([])),
     ?TRY(?ID([1 | 2]) ++ [3]), ?TRY(?ID(a) ++ [3]), ?TRY(?ID([1]) -- ?ID(a)), ?TRY(?ID(a) -- []),
     ?TRY(?ID([1 | 2]) -- []), ?TRY([] -- ?ID([1 | 2])), ?ID([1.0, 1, 2]) -- [1],
     [1, [2, [3, [4 | 5]]]]].
