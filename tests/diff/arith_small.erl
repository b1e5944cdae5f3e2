%% + - * on integers around every width at which a machine might change representation.
-module(arith_small).
-export([run/0]).
-include("diff.hrl").

run() ->
    Vs = [0, 1, -1, 2, 7, -7, 255, 65536, 1 bsl 27, (1 bsl 27) - 1, -(1 bsl 27), (1 bsl 31) - 1,
        -(1 bsl 31), 1 bsl 32],
    [{A, Op, B, calc(Op, A, B)} || Op <- ['+', '-', '*'], A <- Vs, B <- Vs].
calc('+', A, B) -> A + B;
calc('-', A, B) -> A - B;
calc('*', A, B) -> A * B.
