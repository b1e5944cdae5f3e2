%% The Mandelbrot set: chains of float operations in a loop.
-module(bench_floats_mandelbrot).
-export([run/1]).

run(N) -> repeat(N, 0).
repeat(0, S) -> S;
repeat(N, S) -> repeat(N - 1, S + row(24, 24, 0)).
row(0, _, S) -> S;
row(Y, W, S) -> row(Y - 1, W, col(W, Y, S)).
col(0, _, S) -> S;
col(X, Y, S) -> col(X - 1, Y, S + iter(X / 8.0 - 2.0, Y / 12.0 - 1.0, 0.0, 0.0, 50)).
iter(_, _, _, _, 0) -> 0;
iter(Cr, Ci, Zr, Zi, K) ->
    A = Zr * Zr, B = Zi * Zi,
    if A + B > 4.0 -> K; true -> iter(Cr, Ci, A - B + Cr, 2.0 * Zr * Zi + Ci, K - 1) end.
