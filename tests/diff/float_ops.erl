%% Float arithmetic: mixed operands, overflow to badarith, denormals, signed zeros.
-module(float_ops).
-export([run/0]).
-include("diff.hrl").

run() ->
    Vs = [0.0, -0.0, 1.0, -1.5, 0.1, 3, -7, 1.0e308, -1.0e308, 5.0e-324, 2.2250738585072014e-308,
        1 bsl 70, 1.7976931348623157e308],
    [{A, B, ?TRY(A + B), ?TRY(A - B), ?TRY(A * B), ?TRY(A / B)} || A <- Vs, B <- Vs,
        is_float(A) or is_float(B)].
