%% div and rem: signs, zero divisors, limits, and the one quotient that overflows a small.
-module(arith_div_rem).
-export([run/0]).
-include("diff.hrl").

run() ->
    Vs = [0, 1, -1, 2, -2, 3, 10, -10, 7, -7, (1 bsl 59) - 1, -(1 bsl 59), 1 bsl 59, (1 bsl 63) - 1,
        -(1 bsl 63), 1 bsl 63, (1 bsl 64), -(1 bsl 64), 12345678901234567890123],
    [{A, [{B, ?TRY(A div B), ?TRY(A rem B)} || B <- Vs]} || A <- Vs].
