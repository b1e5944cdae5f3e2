%% Doubly recursive Fibonacci: calls, small additions and comparisons, nothing else.
-module(bench_calls_fib).
-export([run/1]).

run(N) -> repeat(N, 0).
repeat(0, S) -> S;
repeat(N, S) -> repeat(N - 1, S + fib(20)).
fib(N) when N < 2 -> N;
fib(N) -> fib(N - 1) + fib(N - 2).
