%% Many float values alive at once, across calls and exceptions.
-module(float_regs).
-export([run/0]).
-include("diff.hrl").

run() ->
    [f(1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5), g(2.0), ?TRY(g(a)), ?TRY(g(1.0e200)),
        h([1.5, 2, 3.25], 0.0), k(10, 1.0, 1.0)].
f(A, B, C, D, E, F, G, H) ->
    X1 = A * B + C * D, X2 = E * F - G * H, X3 = (A + H) * (B + G), X4 = (C - F) / (D - E),
    X5 = X1 - X2, X6 = X3 + X4, ?ID(ok), X7 = X5 * X6,
    X8 = X1 + X2 + X3 + X4 + A + B + C + D + E + F + G + H,
    {X1, X2, X3, X4, X5, X6, X7, X8, X8 - X7}.
g(X) -> Y = X * X, Z = Y * Y, W = try Z * Z * 1.0e10 catch error:badarith -> inf end, {Y, Z, W}.
h([X | T], S) when is_float(X) -> h(T, S + X * 2.0);
h([X | T], S) -> h(T, S - X / 4);
h([], S) -> S.
k(0, A, B) -> {A, B};
k(N, A, B) when A > B -> k(N - 1, A / 3.0, B * 1.5);
k(N, A, B) -> k(N - 1, A * 2.0 + B, B - 0.25).
