%% Integers, big integers and floats in one expression; where the float takes over.
-module(arith_mixed).
-export([run/0]).
-include("diff.hrl").

run() ->
    Vs = [1, -3, 1 bsl 62, -(1 bsl 80), 2.5, -0.0, 1.0e20],
    [{A, B, C, ?TRY(A + B * C), ?TRY((A - B) / C), ?TRY(A * B + C), ?TRY(-A - B),
        ?TRY(A == B orelse C < A)} || A <- Vs, B <- Vs, C <- [2, 0.5, 1 bsl 70]].
