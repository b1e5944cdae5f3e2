%% Fields that are not whole bytes: packed records of 3, 5, 11 and 13 bits.
-module(bench_binaries_bits).
-export([run/1]).

run(N) ->
    B = << <<(I band 7):3, (I band 31):5, I:11, (I * 7):13>> || I <- lists:seq(1, 300) >>,
    repeat(N, B, 0).
repeat(0, _, S) -> S;
repeat(N, B, S) -> repeat(N - 1, B, (S + f(B, 0)) band 16#ffffff).
f(<<A:3, B:5, C:11, D:13, R/bits>>, S) -> f(R, S + A + B + C + D);
f(<<>>, S) -> S.
