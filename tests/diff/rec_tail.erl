%% Loops that must run in constant space: many arguments, swapped arguments, through funs and applies.
-module(rec_tail).
-export([run/0]).
-include("diff.hrl").

-export([al/2]).
run() ->
    [many(100000, 1, 2, 3, 4, 5, 6, 7, 8), rot(99999, a, b, c), al(100000, 0), fl(100000),
        st(50000, idle, []), even(100001), swap(10001, x, y),
        big_args(1000, {1, 2}, [3], #{k => 4}, <<5>>, 6.5)].
many(0, A, B, C, D, E, F, G, H) -> {A, B, C, D, E, F, G, H};
many(N, A, B, C, D, E, F, G, H) -> many(N - 1, B, C, D, E, F, G, H, A).
rot(0, A, B, C) -> [A, B, C];
rot(N, A, B, C) -> rot(N - 1, C, A, B).
al(0, S) -> S;
al(N, S) -> apply(?MODULE, al, [N - 1, S + N]).
fl(N) -> F = fun G(0, A) -> A; G(K, A) -> G(K - 1, A bxor K) end, F(N, 0).
st(0, S, L) -> {S, length(L)};
st(N, idle, L) -> st(N - 1, busy, L);
st(N, busy, L) when N rem 3 =:= 0 -> st(N - 1, wait, [N | L]);
st(N, busy, L) -> st(N - 1, idle, L);
st(N, wait, L) -> st(N - 1, idle, L).
even(0) -> true;
even(N) -> odd(N - 1).
odd(0) -> false;
odd(N) -> even(N - 1).
swap(0, A, B) -> {A, B};
swap(N, A, B) -> swap(N - 1, B, A).
big_args(0, A, B, C, D, E) -> {A, B, C, D, E};
big_args(N, A, B, C, D, E) -> big_args(N - 1, A, B, C, D, E).
