%% A counting loop with a few small-integer operations a turn.
-module(bench_calls_loop).
-export([run/1]).

run(N) -> loop(N * 1000, 1, 0).
loop(0, _, S) -> S;
loop(N, X, S) -> loop(N - 1, (X * 5 + 3) band 16#ffff, (S + X) band 16#fffffff).
