%% Type knowledge: ranges that the compiler may use must not change results.
-module(arith_types).
-export([run/0]).
-include("diff.hrl").

run() ->
    [{N, f(N), g(N band 255, N), h(N), k(N)} || N <- [0, 1, 5, 255, 256, -1, 1 bsl 40,
        (1 bsl 59) - 1, -(1 bsl 59), 1 bsl 62]].
f(N) when N >= 0, N < 256 -> {small, N * N + N, N bsl 3, N bsr 1, N bxor 85};
f(N) when is_integer(N) -> {big, N + 1, N - 1, N * 3}.
g(B, N) -> (B + 1) * (N band 16#ffffffff) + B.
h(N) when N > 0 -> N div 7 + N rem 7;
h(N) -> -N div 7.
k(N) -> X = N rem 1000, Y = X * X, Y - X.
