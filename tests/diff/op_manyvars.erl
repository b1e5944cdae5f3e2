%% Hundreds of live variables in one function: large frames and far registers.
-module(op_manyvars).
-export([run/0]).
-include("diff.hrl").

run() ->
    X = diff_runner:seq(1, 64), [V0, V1, V2, V3, V4, V5, V6, V7, V8, V9, V10, V11, V12, V13, V14,
        V15, V16, V17, V18, V19, V20, V21, V22, V23, V24, V25, V26, V27, V28, V29, V30, V31, V32,
        V33, V34, V35, V36, V37, V38, V39, V40, V41, V42, V43, V44, V45, V46, V47, V48, V49, V50,
        V51, V52, V53, V54, V55, V56, V57, V58, V59, V60, V61, V62, V63] = ?ID(X),
        erlang:garbage_collect(), A = ?ID(V0 + V63), B = ?ID({V1, V2, V3, V4, V5, V6, V7, V8}),
        C = [V63, V62, V61, V60, V59, V58, V57, V56, V55, V54, V53, V52, V51, V50, V49, V48, V47,
        V46, V45, V44, V43, V42, V41, V40, V39, V38, V37, V36, V35, V34, V33, V32, V31, V30, V29,
        V28, V27, V26, V25, V24, V23, V22, V21, V20, V19, V18, V17, V16, V15, V14, V13, V12, V11,
        V10, V9], F = fun(Z) -> {Z, V0, V10, V20, V30, V40, V50, V60, A} end,
        erlang:garbage_collect(), {T} = ?ID({tuple(V0, V1, V2, V3)}),
        [A, B, C, F(q), T, V0 + V31 * V32 - V63].
tuple(A, B, C, D) ->
    {D, C, B, A, {A, B}, [C | D], A, B, C, D, A, B, C, D, A, B, C, D, A, B, C, D, A, B, C, D, A, B,
        C, D, A, B, C, D}.
