%% Modular powers with 512-bit numbers: multiply and divide, as in key exchange.
-module(bench_bignums_modpow).
-export([run/1]).

run(N) ->
    M = (1 bsl 512) - 569, B = 16#123456789abcdef0123456789abcdef, E = (1 bsl 160) - 12345,
    repeat(N, B, E, M).
repeat(0, B, _, _) -> B rem 1000003;
repeat(N, B, E, M) -> repeat(N - 1, pow(B, E, M, 1), E, M).
pow(_, 0, _, R) -> R;
pow(B, E, M, R) when E band 1 =:= 1 -> pow(B * B rem M, E bsr 1, M, R * B rem M);
pow(B, E, M, R) -> pow(B * B rem M, E bsr 1, M, R).
