%% abs, trunc, round, ceil, floor, max, min, integer conversions over all number kinds.
-module(arith_bif_int).
-export([run/0]).
-include("diff.hrl").

run() ->
    Ns = [0, 1, -1, 1 bsl 59, -(1 bsl 59), 1 bsl 64, -(1 bsl 70), 0.0, -0.0, 0.5, -0.5, 1.5, -1.5,
        2.5, -2.5, 0.49999999999999994,
          4503599627370497.5, 1.0e15, -1.0e15, 9007199254740993.0, 5.764607523034235e17, 9.2e18,
          9.3e18, -9.3e18, 1.0e25, -1.0e25, 1.7e308],
    [{N, ?TRY(abs(?ID(N))), trunc(?ID(N)), round(?ID(N)), ceil(?ID(N)), floor(?ID(N)),
        ?TRY(float(?ID(N))), max(N, ?ID(1)), min(N, ?ID(1)), max(?ID(1), N)} || N <- Ns]
        ++ [{B, F, ?TRY(erlang:F(B))} || F <- [abs, trunc, round, ceil, floor, float],
            B <- [a, "1", <<>>, {}, #{}]].
