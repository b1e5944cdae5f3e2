%% Product of float matrices held as lists of lists.
-module(bench_floats_matrix).
-export([run/1]).

run(N) -> A = [[I * 0.5 + J || J <- lists:seq(1, 20)] || I <- lists:seq(1, 20)], repeat(N, A, 0).
repeat(0, _, S) -> S;
repeat(N, A, S) -> B = mul(A, A), repeat(N - 1, A, (S + round(hd(hd(B)))) band 16#ffffff).
mul(A, B) -> T = transpose(B), [[dot(R, C, 0.0) || C <- T] || R <- A].
dot([X | Xs], [Y | Ys], S) -> dot(Xs, Ys, S + X * Y);
dot([], [], S) -> S.
transpose([[] | _]) -> [];
transpose(M) -> [[H || [H | _] <- M] | transpose([T || [_ | T] <- M])].
