%% Operators with one constant operand on either side: each may become an instruction of its own.
-module(arith_const).
-export([run/0]).
-include("diff.hrl").

run() ->
    [{X, [?TRY(f(N, X)) || N <- diff_runner:seq(1, 34)]}
        || X <- [0, 1, -1, 7, 8, -8, 255, (1 bsl 59) - 1, -(1 bsl 59), 1 bsl 59, (1 bsl 63) - 1,
        1 bsl 70, -(1 bsl 70), 1.5, a]].
f(1, X) -> X + 1;
f(2, X) -> X - 1;
f(3, X) -> 1 + X;
f(4, X) -> 1 - X;
f(5, X) -> X * 2;
f(6, X) -> 3 * X;
f(7, X) -> X div 4;
f(8, X) -> X div -3;
f(9, X) -> 100 div X;
f(10, X) -> X rem 8;
f(11, X) -> X rem -5;
f(12, X) -> X band 15;
f(13, X) -> X bor 16;
f(14, X) -> X bxor 255;
f(15, X) -> X bsl 3;
f(16, X) -> X bsr 2;
f(17, X) -> 1 bsl X;
f(18, X) -> X + 576460752303423487;
f(19, X) -> X - 576460752303423488;
f(20, X) -> X * 4294967296;
f(21, X) -> X band -16;
f(22, X) -> X + 1180591620717411303424;
f(23, X) -> X * -1;
f(24, X) -> X / 2;
f(25, X) -> X * 0;
f(26, X) -> X rem 1;
f(27, X) -> X div 1;
f(28, X) -> X bsl 60;
f(29, X) -> X bsr 59;
f(30, X) -> X bsr 64;
f(31, X) -> X bsl -2;
f(32, X) -> X - X;
f(33, X) -> X + X;
f(34, X) -> X * X.
