%% Products whose result lands beside a small or machine word limit.
-module(arith_mul_edges).
-export([run/0]).
-include("diff.hrl").

run() ->
    Vs = [3, -3, (1 bsl 29) - 1, 1 bsl 29, -(1 bsl 29), (1 bsl 30) + 1, (1 bsl 31) - 1, 1 bsl 32,
        -(1 bsl 32),
          3037000499, 3037000500, -3037000500, (1 bsl 59) - 1, -(1 bsl 59), 1 bsl 60,
          (1 bsl 64) - 1, -(1 bsl 64)],
    [{A, [A * B || B <- Vs]} || A <- Vs].
