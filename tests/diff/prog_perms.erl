%% Permutations, combinations, subsets, partitions, queens, knights, Hanoi, knapsack.
-module(prog_perms).
-export([run/0]).
-include("diff.hrl").

run() ->
    [perms([1, 2, 3, 4]), length(perms("abcdef")), combs(3, [a, b, c, d, e]), subsets([x, y, z]),
        parts(6), queens(6), hanoi(4, a, b, c), knap([{60, 10}, {100, 20}, {120, 30}, {75, 15}],
        50), change(100, [50, 25, 10, 5, 1]), lcs("AGGTABQXYZ", "GXTXAYBZ"), gray(4),
        josephus(41, 3), magic(5), pascal(10), catalan(15)].
perms([]) -> [[]];
perms(L) -> [[H | T] || H <- L, T <- perms(L -- [H])].
combs(0, _) -> [[]];
combs(_, []) -> [];
combs(K, [H | T]) -> [[H | C] || C <- combs(K - 1, T)] ++ combs(K, T).
subsets([]) -> [[]];
subsets([H | T]) -> S = subsets(T), S ++ [[H | X] || X <- S].
parts(N) -> parts(N, N).
parts(0, _) -> [[]];
parts(N, M) ->
    [[K | P] || K <- lists:reverse(diff_runner:seq(1, min(N, M)), []), P <- parts(N - K, K)].
queens(N) -> q(N, N).
q(0, _) -> [[]];
q(K, N) -> [[X | B] || B <- q(K - 1, N), X <- diff_runner:seq(1, N), ok(X, B, 1)].
ok(_, [], _) -> true;
ok(X, [Y | T], D) -> X =/= Y andalso abs(X - Y) =/= D andalso ok(X, T, D + 1).
hanoi(0, _, _, _) -> [];
hanoi(N, A, B, C) -> hanoi(N - 1, A, C, B) ++ [{A, B} | hanoi(N - 1, C, B, A)].
knap([], _) -> 0;
knap([{_, W} | T], C) when W > C -> knap(T, C);
knap([{V, W} | T], C) -> max(V + knap(T, C - W), knap(T, C)).
change(0, _) -> 1;
change(N, L) when N < 0; L =:= [] -> 0;
change(N, [C | T] = L) -> change(N - C, L) + change(N, T).
lcs([], _) -> [];
lcs(_, []) -> [];
lcs([C | A], [C | B]) -> [C | lcs(A, B)];
lcs([_ | A] = X, [_ | B] = Y) ->
    P = lcs(A, Y), Q = lcs(X, B), if length(P) >= length(Q) -> P; true -> Q end.
gray(0) -> [[]];
gray(N) -> G = gray(N - 1), [[0 | X] || X <- G] ++ [[1 | X] || X <- lists:reverse(G, [])].
josephus(1, _) -> 0;
josephus(N, K) -> (josephus(N - 1, K) + K) rem N.
magic(N) ->
    [[N * ((R + C - 1 + N div 2) rem N) + ((R + 2 * C - 2) rem N) + 1 || C <- diff_runner:seq(1, N)]
        || R <- diff_runner:seq(1, N)].
pascal(1) -> [[1]];
pascal(N) -> [R | _] = P = pascal(N - 1), [[1 | adj(R)] | P].
adj([A, B | T]) -> [A + B | adj([B | T])];
adj([_]) -> [1].
catalan(0) -> 1;
catalan(N) -> catalan(N - 1) * 2 * (2 * N - 1) div (N + 1).
