%% Every byte of a binary looked at in a matching loop, and written by a comprehension.
-module(bench_binaries_bytes).
-export([run/1]).

run(N) -> B = list_to_binary([I band 255 || I <- lists:seq(1, 5000)]), repeat(N, B, 0).
repeat(0, _, S) -> S;
repeat(N, B, S) ->
    C = << <<(X bxor 16#55)>> || <<X>> <= B >>, repeat(N - 1, C, (S + sum(C, 0)) band 16#ffffff).
sum(<<X, R/binary>>, S) -> sum(R, S + X);
sum(<<>>, S) -> S.
