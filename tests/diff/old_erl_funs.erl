%% Closures compiled with the older instructions for funs, frames and swaps.
-module(old_erl_funs).
-export([run/0]).
-include("diff.hrl").

-compile([no_make_fun3, no_init_yregs, no_swap, no_fun_opt, no_shared_fun_wrappers]).
run() ->
    A = ?ID(1), B = ?ID({b}), F = fun(X) -> {A, B, X} end, G = fun() -> F(A) end, H = fun K(0) -> A;
        K(N) -> [N | K(N - 1)] end,
    [F(2), G(), H(3), (fun(P, Q) -> {Q, P} end)(1, 2), [L(5)
        || L <- [fun(X) -> X + A end, fun(X) -> [X, B] end]], erlang:fun_info(F, env),
        erlang:fun_info(F, arity), swap(?ID(x), ?ID(y)),
        try F() catch error:{badarity, {_, As}} -> As end, frame(?ID(3)),
        (fun lists:reverse/2)([1], [2]), apply(fun frame/1, [2])].
swap(X, Y) -> sw(Y, X).
sw(X, Y) -> {Y, X, X, Y}.
frame(N) ->
    X = ?ID(N), Y = case X of 3 -> ?ID(three); _ -> Z = ?ID(q), {Z, ?ID(r)} end,
    try ?ID(Y) of V -> {V, X} catch _:_ -> N end.
