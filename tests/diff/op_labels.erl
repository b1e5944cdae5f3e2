%% One function with a hundred clauses and jumps between them, run over all its states.
-module(op_labels).
-export([run/0]).
-include("diff.hrl").

run() -> [run(0, 200, []), [s(N) || N <- diff_runner:seq(-1, 40)]].
run(_, 0, A) -> erlang:phash2(A);
run(S, N, A) -> run(s(S), N - 1, [S | A]).
s(0) -> 7;
s(1) -> 12;
s(2) -> 9;
s(3) -> 30;
s(4) -> 1;
s(5) -> 22;
s(6) -> 3;
s(7) -> 14;
s(8) -> 25;
s(9) -> 36;
s(10) -> 11;
s(11) -> 2;
s(12) -> 33;
s(13) -> 24;
s(14) -> 15;
s(15) -> 6;
s(16) -> 37;
s(17) -> 28;
s(18) -> 19;
s(19) -> 10;
s(20) -> 31;
s(21) -> 32;
s(22) -> 23;
s(23) -> 4;
s(24) -> 5;
s(25) -> 16;
s(26) -> 27;
s(27) -> 38;
s(28) -> 29;
s(29) -> 20;
s(30) -> 21;
s(31) -> 34;
s(32) -> 35;
s(33) -> 26;
s(34) -> 17;
s(35) -> 8;
s(36) -> 18;
s(37) -> 13;
s(38) -> 0;
s(N) when N > 38 -> N rem 39;
s(_) -> 0.
