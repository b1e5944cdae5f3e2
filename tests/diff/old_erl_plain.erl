%% Ordinary code with every optimisation off: many moves, many frames, literal tests in both orders.
-module(old_erl_plain).
-export([run/0]).
-include("diff.hrl").

-compile([no_copt, no_ssa_opt, no_postopt, no_type_opt, no_bool_opt, no_share_opt, no_dead, no_stack_trimming, no_recv_opt, no_swap]).
-record(r, {a, b = []}).
run() ->
    [t(X) || X <- [1, 1.0, a, [], [1], {a}, {r, 1, 2}, <<>>, <<1:1>>, #{}, #{k => v},
        fun() -> 1 end, self(), make_ref()]] ++ [m(5), fl(1.5, 2), tr(1), tr(0), tr(a), cmp(1, 2),
        cmp(2, 1.0), maps_(#{a => 1}), loop(10, []), rec(#r{a = 1}), (catch hd(?ID([]))) =/= x,
        begin {X1, Y1} = ?ID({1, 2}), X1 - Y1 end, try_(fun() -> throw(q) end)].
t(X) when is_integer(X) -> int;
t(X) when is_float(X) -> flt;
t(X) when is_atom(X) -> atm;
t([]) -> nil;
t([_ | _]) -> lst;
t(#r{a = A}) -> {rec, A};
t(X) when is_tuple(X) -> tup;
t(X) when is_binary(X) -> bin;
t(X) when is_bitstring(X) -> bits;
t(#{k := V}) -> V;
t(X) when is_map(X) -> map;
t(X) when is_function(X, 0) -> f0;
t(X) when is_pid(X) -> pid;
t(X) when is_reference(X) -> ref.
m(N) -> A = N + 1, B = A * 2, C = B - A, [A, B | C].
fl(A, B) -> X = A * B, Y = X / 2.0, Y - 1.0 + X * X.
tr(X) -> try 10 div X of 10 -> ten; N -> {n, N} catch error:badarith -> arith after ok end.
cmp(A, B) ->
    [A < B, A =< B, A == B, A /= B, A =:= B, A =/= B, A > B, A >= B, if A < B -> lt;
        true -> ge end].
maps_(M) -> #{a := V} = M, M#{a := V + 1, b => 2}.
loop(0, A) -> A;
loop(N, A) -> loop(N - 1, [N rem 3 | A]).
rec(R) -> R#r{b = [R#r.a]}.
try_(F) -> try F() catch throw:T -> {t, T} end.
