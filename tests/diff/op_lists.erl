%% cons cells: built in batches, matched head and tail in every combination, improper, long literals.
-module(op_lists).
-export([run/0]).
-include("diff.hrl").

run() ->
    [f(L) || L <- [[], [1], [1, 2], [1, 2, 3], [1 | 2], [[1]], [[], 1], [1, 2 | 3], a]]
        ++ [g(?ID([1, 2, 3, 4, 5])), hdtl(?ID([x | y])), build(1, 2), swap([1, 2, 3, 4, 5]),
            same([a, a, b]), deep([[[[1]]]])].
f([]) -> nil;
f([A]) when is_list(A) -> {inner, A};
f([A]) -> {one, A};
f([A, B]) -> {two, A, B};
f([A | B]) when not is_list(B) -> {improper, A, B};
f([_, B | C]) -> {rest, B, C};
f(X) -> {other, X}.
g([A | T]) -> [B | U] = T, [_ | [C | V]] = T, {A, B, C, U, V}.
hdtl(X) -> {hd(X), tl(X)}.
build(A, B) -> [A, B, [A | B], {A, [B]}, [[A], [B | [A]]] | [A + B]].
swap([A, B | T]) -> [B, A | swap(T)];
swap(L) -> L.
same([A, A | T]) -> {same, A, T};
same(_) -> no.
deep([[[[X]]]]) -> X.
