%% Functions and funs of many arguments, up to the most a call can have.
-module(fun_arity).
-export([run/0]).
-include("diff.hrl").

-export([f20/20]).
run() ->
    L = diff_runner:seq(1, 20), F = fun(A, B, C, D, E, F, G, H, I, J, K, L1, M, N, O, P, Q, R, S,
        T) -> [T, S, R, Q, P, O, N, M, L1, K, J, I, H, G, F, E, D, C, B, A] end, Z = ?ID(z),
        G = fun(A, B, C, D, E, F1, G1, H, I, J, K, L1, M, N, O, P, Q, R, S, T) -> {Z, L, A, B, C, D,
        E, F1, G1, H, I, J, K, L1, M, N, O, P, Q, R, S, T} end,
        [f20(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20),
        apply(fun f20/20, L), apply(F, L), apply(G, L), apply(?MODULE, f20, L),
        rot(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 5), ?TRY(apply(F, [1 | L])),
        ?TRY(apply(F, tl(L))), erlang:fun_info(F, arity)].
f20(A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P, Q, R, S, T) ->
    {A, T, B, S, C, R, D, Q, E, P, F, O, G, N, H, M, I, L, J, K}.
rot(A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P, Q, 0) ->
    {A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P, Q};
rot(A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P, Q, Z) ->
    rot(Q, A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P, Z - 1).
