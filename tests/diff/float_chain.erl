%% Chains of float operations in one function, where values may stay unboxed.
-module(float_chain).
-export([run/0]).
-include("diff.hrl").

run() ->
    [poly(X) || X <- [0.0, 1.0, -2.5, 3, 1 bsl 60]] ++ [norm(3.0, 4.0), norm(1, 2),
        ?TRY(norm(a, 1.0)), ?TRY(poly(x)), mandel(-0.5, 0.25, 0.0, 0.0, 50), sumf(1000, 0.0),
        ?TRACE(chain(1.0e200, 1.0e200)), ?TRACE(chain(1.0, zero()))].
zero() -> ?ID(0.0).
poly(X) -> ((2.0 * X - 3.0) * X + 0.5) * X - X / 4.0.
norm(A, B) -> (A * A + B * B) / 2.
mandel(_, _, _, _, 0) -> 0;
mandel(Cr, Ci, Zr, Zi, N) ->
    R2 = Zr * Zr, I2 = Zi * Zi,
    if R2 + I2 > 4.0 -> N; true -> mandel(Cr, Ci, R2 - I2 + Cr, 2.0 * Zr * Zi + Ci, N - 1) end.
sumf(0, A) -> A;
sumf(N, A) -> sumf(N - 1, A + 1.0 / N).
chain(A, B) ->
    C = A * 2.0,
    D = -(C - 1.0),
    E = D / B,
    F = E * A * A,
    F + 1.0.
