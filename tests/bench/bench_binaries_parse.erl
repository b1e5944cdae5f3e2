%% A binary protocol decoded field by field.
-module(bench_binaries_parse).
-export([run/1]).

run(N) ->
    B = << <<(I rem 7):8, (byte_size(P)):16, P/binary, (I * 3):32/little>>
        || I <- lists:seq(1, 200), P <- [binary:copy(<<I:8>>, I rem 40)] >>, repeat(N, B, 0).
repeat(0, _, S) -> S;
repeat(N, B, S) -> repeat(N - 1, B, (S + parse(B, 0)) band 16#ffffff).
parse(<<T, L:16, P:L/binary, X:32/little, R/binary>>, S) when T < 5 ->
    parse(R, S + T + byte_size(P) + X);
parse(<<_, L:16, _:L/binary, X:32/little, R/binary>>, S) -> parse(R, S + X);
parse(<<>>, S) -> S.
