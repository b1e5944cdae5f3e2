%% bsl and bsr with every kind of count, negative ones included.
-module(arith_shift).
-export([run/0]).
-include("diff.hrl").

run() ->
    Vs = [0, 1, -1, 3, -3, 1 bsl 58, -(1 bsl 58), -(1 bsl 59), 1 bsl 59, (1 bsl 64) - 1,
        -(1 bsl 64), 98765432109876543210, -98765432109876543210],
    Cs = [0, 1, 2, 31, 32, 33, 58, 59, 60, 61, 63, 64, 65, 128, -1, -2, -59, -64, -65],
    [{A, [{C, A bsl C, A bsr C} || C <- Cs]} || A <- Vs]
        ++ [?TRY(?ID(0) bsl ?ID(1 bsl 70)), ?TRY(?ID(1) bsr ?ID(1 bsl 70)),
            ?TRY(?ID(-1) bsr ?ID(1 bsl 70)),
            ?TRY(?ID(-5) bsl ?ID(-(1 bsl 70))), ?TRY(?ID(1) bsl ?ID(1 bsl 70))].
