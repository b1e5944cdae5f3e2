%% All solutions of the eight queens: backtracking over short lists.
-module(bench_calls_queens).
-export([run/1]).

run(N) -> repeat(N, 0).
repeat(0, S) -> S;
repeat(N, S) -> repeat(N - 1, S + length(queens(7))).
queens(N) -> place(N, N, []).
place(0, _, B) -> [B];
place(K, N, B) -> lists:append([place(K - 1, N, [Q | B]) || Q <- lists:seq(1, N), safe(Q, 1, B)]).
safe(_, _, []) -> true;
safe(Q, D, [H | T]) -> Q =/= H andalso Q =/= H + D andalso Q =/= H - D andalso safe(Q, D + 1, T).
