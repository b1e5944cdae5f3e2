%% Arithmetic nested as arguments, with results live across calls and collections.
-module(arith_args).
-export([run/0]).
-include("diff.hrl").

run() ->
    [f(X, Y) || X <- [3, -(1 bsl 58), 1 bsl 62, 1 bsl 90], Y <- [5, 1 bsl 59, -(1 bsl 65)]]
        ++ [poly(X) || X <- [0, 10, 1 bsl 30, -(1 bsl 20)]] ++ [deep(100, 1 bsl 57)].
f(X, Y) ->
    g(X + Y, X - Y, X * Y, (X * X + Y * Y) div (abs(Y) + 1), X rem Y) + h(X,
        g(Y, X, X + 1, Y - 1, 0)).
g(A, B, C, D, E) -> erlang:garbage_collect(), A + B * 2 - C + D bxor E.
h(A, B) -> {X, Y} = ?ID({A, B}), X * Y - (X + Y) * (X - Y).
poly(X) -> ((((3 * X - 7) * X + 11) * X - 13) * X + 17) * X - 19.
deep(0, X) -> X;
deep(N, X) -> Y = deep(N - 1, X + N * X div 100), Y - N.
