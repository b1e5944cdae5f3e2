%% Products that grow to thousands of bits.
-module(bench_bignums_factorial).
-export([run/1]).

run(N) -> repeat(N, 0).
repeat(0, S) -> S;
repeat(N, S) -> repeat(N - 1, (S + fact(400, 1) rem 1000003) band 16#fffff).
fact(0, A) -> A;
fact(N, A) -> fact(N - 1, A * N).
