%% Arithmetic just past the small limit: 64-bit hashes and counters.
-module(bench_bignums_small).
-export([run/1]).

run(N) -> loop(N * 100, 14695981039346656037).
loop(0, H) -> H;
loop(N, H) -> loop(N - 1, ((H bxor (N band 255)) * 1099511628211) band 16#ffffffffffffffff).
