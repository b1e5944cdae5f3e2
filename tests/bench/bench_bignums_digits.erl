%% Digits of pi by a streaming algorithm over ever larger integers.
-module(bench_bignums_digits).
-export([run/1]).

run(N) -> repeat(N, 0).
repeat(0, S) -> S;
repeat(N, S) -> repeat(N - 1, (S * 31 + lists:sum(pi(120))) band 16#ffffff).
pi(N) -> go(N, 1, 0, 1, 1, 3, 3).
go(0, _, _, _, _, _, _) -> [];
go(C, Q, R, T, K, N, L) ->
    case 4 * Q + R - T < N * T of
        true -> [N | go(C - 1, Q * 10, 10 * (R - N * T), T, K, (10 * (3 * Q + R)) div T - 10 * N,
            L)];
        false -> go(C, Q * K, (2 * Q + R) * L, T * L, K + 1, (Q * (7 * K) + 2 + R * L) div (T * L),
            L + 2)
    end.
