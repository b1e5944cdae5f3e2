%% Register shuffles: arguments permuted into calls in cycles of every length, with constants among them.
-module(op_moves).
-export([run/0]).
-include("diff.hrl").

run() ->
    [p2(1, 2), p3(1, 2, 3), p4(1, 2, 3, 4), p6(1, 2, 3, 4, 5, 6), c(1, 2, 3), rot(5, 1, 2, 3, 4, 5),
        keep(1, 2, 3), dup(7), lit(1, 2)].
p2(A, B) -> f(B, A).
p3(A, B, C) -> {f(C, A, B), f(B, C, A), f(A, C, B), f(C, B, A)}.
p4(A, B, C, D) -> [f(D, C, B, A), f(B, A, D, C), f(B, C, D, A), f(A, A, B, B), f(D, D, A, C)].
p6(A, B, C, D, E, F) -> g(F, A, E, B, D, C).
c(A, B, C) -> f(B, 10, A, [C]).
rot(0, A, B, C, D, E) -> {A, B, C, D, E};
rot(N, A, B, C, D, E) -> rot(N - 1, E, A, D, B, C).
keep(A, B, C) -> X = f(A, B), Y = f(C, A), Z = f(B, C), {X, Y, Z, A, B, C}.
dup(A) -> f(A, A, A, A).
lit(A, B) -> f({x, [1]}, B, "lit", A).
f(A, B) -> {A, B}.
f(A, B, C) -> {A, B, C}.
f(A, B, C, D) -> {A, B, C, D}.
g(A, B, C, D, E, F) -> case ?ID(A) of X -> {F, E, D, C, B, X} end.
