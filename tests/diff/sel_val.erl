%% Multi-way choices over integers, atoms, floats, big numbers and arities, dense and sparse.
-module(sel_val).
-export([run/0]).
-include("diff.hrl").

run() ->
    [dense(X) || X <- diff_runner:seq(-2, 22) ++ [a, 1.0, 1 bsl 64]]
        ++ [sparse(X) || X <- [0, 1, 10, 100, 1000, 10000, 100000, 1 bsl 40, 1 bsl 59, 1 bsl 60,
            1 bsl 64, (1 bsl 64) + 1, -1, -(1 bsl 59), -(1 bsl 70), a]]
            ++ [atom(X) || X <- [a, b, c, d, e, f, g, h, i, zz, true, false, [], "a", 1]]
            ++ [flt(X) || X <- [0.0, -0.0, 1.0, 1.5, 2.5e10, 1, 0, 3.25]]
            ++ [mixed(X) || X <- [1, 1.0, a, "s", [], {}, <<"b">>, #{}, {a}, {a, b}, {b, c, d}, [x],
            [x, y]]] ++ [arity(X) || X <- [{}, {1}, {1, 2}, {1, 2, 3}, {1, 2, 3, 4}, x]]
            ++ [tag(X) || X <- [{ok, 1}, {error, e}, {ok}, {other, x}, ok, {ok, 1, 2}]]
            ++ [chars(X) || X <- "aZ5 _\n~"].
dense(0) -> zero;
dense(1) -> one;
dense(2) -> two;
dense(3) -> three;
dense(4) -> four;
dense(5) -> five;
dense(6) -> six;
dense(8) -> eight;
dense(9) -> nine;
dense(10) -> ten;
dense(12) -> twelve;
dense(20) -> twenty;
dense(-1) -> minus;
dense(_) -> other.
sparse(1) -> a;
sparse(10) -> b;
sparse(100) -> c;
sparse(1000) -> d;
sparse(10000) -> e;
sparse(100000) -> f;
sparse(1099511627776) -> g;
sparse(576460752303423488) -> h;
sparse(1152921504606846976) -> i;
sparse(18446744073709551616) -> j;
sparse(-1) -> k;
sparse(-576460752303423488) -> l;
sparse(-1180591620717411303424) -> m;
sparse(_) -> z.
atom(a) -> 1;
atom(b) -> 2;
atom(c) -> 3;
atom(d) -> 4;
atom(e) -> 5;
atom(f) -> 6;
atom(g) -> 7;
atom(h) -> 8;
atom(i) -> 9;
atom(true) -> t;
atom(false) -> f;
atom([]) -> nil;
atom(_) -> z.
flt(0.0) -> zero;
flt(1.0) -> one;
flt(1.5) -> onehalf;
flt(2.5e10) -> big;
flt(X) when is_float(X) -> {f, X};
flt(_) -> nofloat.
mixed(1) -> int;
mixed(1.0) -> float;
mixed(a) -> atom;
mixed("s") -> str;
mixed([]) -> nil;
mixed({}) -> tup0;
mixed(<<"b">>) -> bin;
mixed({a}) -> ta;
mixed({a, X}) -> {ta, X};
mixed({X, _, _}) -> {t3, X};
mixed([x]) -> lx;
mixed([x | T]) -> {lx, T};
mixed(M) when is_map(M) -> map.
arity({}) -> 0;
arity({_}) -> 1;
arity({_, _}) -> 2;
arity({_, _, _}) -> 3;
arity(T) when is_tuple(T) -> many;
arity(_) -> no.
tag({ok, V}) -> {yes, V};
tag({error, R}) -> {no, R};
tag({ok}) -> bare;
tag({T, _}) -> {tagged, T};
tag(ok) -> atom;
tag(_) -> other.
chars(C) when C >= $a, C =< $z -> lower;
chars(C) when C >= $A, C =< $Z -> upper;
chars(C) when C >= $0, C =< $9 -> digit;
chars($_) -> under;
chars(C) when C =:= $ ; C =:= $\n; C =:= $\t -> space;
chars(_) -> punct.
