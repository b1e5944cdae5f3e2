%% A red-black tree with insertion and lookup, kept balanced by pattern matching.
-module(prog_rbtree).
-export([run/0]).
-include("diff.hrl").

run() ->
    T = ins_all([(I * 7919) rem 1009 || I <- diff_runner:seq(1, 500)], e),
    [size_(T), depth(T) =< 20, black(T), inorder(T) =:= lists_usort([(I * 7919) rem 1009
        || I <- diff_runner:seq(1, 500)]), [member(X, T) || X <- [0, 1, 500, 1008, 1009]],
        ins_all([3, 1, 2], e), ins_all(diff_runner:seq(1, 10), e)].
ins_all([X | Xs], T) -> ins_all(Xs, insert(X, T));
ins_all([], T) -> T.
insert(X, T) -> {_, L, Y, R} = ins(X, T), {b, L, Y, R}.
ins(X, e) -> {r, e, X, e};
ins(X, {C, L, Y, R}) when X < Y -> bal({C, ins(X, L), Y, R});
ins(X, {C, L, Y, R}) when X > Y -> bal({C, L, Y, ins(X, R)});
ins(_, T) -> T.
bal({b, {r, {r, A, X, B}, Y, C}, Z, D}) -> {r, {b, A, X, B}, Y, {b, C, Z, D}};
bal({b, {r, A, X, {r, B, Y, C}}, Z, D}) -> {r, {b, A, X, B}, Y, {b, C, Z, D}};
bal({b, A, X, {r, {r, B, Y, C}, Z, D}}) -> {r, {b, A, X, B}, Y, {b, C, Z, D}};
bal({b, A, X, {r, B, Y, {r, C, Z, D}}}) -> {r, {b, A, X, B}, Y, {b, C, Z, D}};
bal(T) -> T.
size_(e) -> 0;
size_({_, L, _, R}) -> size_(L) + 1 + size_(R).
depth(e) -> 0;
depth({_, L, _, R}) -> 1 + max(depth(L), depth(R)).
black(e) -> 1;
black({C, L, _, R}) -> N = black(L), N = black(R), case C of b -> N + 1; r -> N end.
inorder(e) -> [];
inorder({_, L, X, R}) -> inorder(L) ++ [X | inorder(R)].
member(_, e) -> false;
member(X, {_, L, Y, _}) when X < Y -> member(X, L);
member(X, {_, _, Y, R}) when X > Y -> member(X, R);
member(_, _) -> true.
lists_usort(L) -> u(diff_runner:sorted(L)).
u([X, X | T]) -> u([X | T]);
u([X | T]) -> [X | u(T)];
u([]) -> [].
