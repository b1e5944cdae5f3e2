%% base64 there and back.
-module(bench_binaries_base64).
-export([run/1]).

run(N) -> B = list_to_binary([I * 7 band 255 || I <- lists:seq(1, 2000)]), repeat(N, B, 0).
repeat(0, _, S) -> S;
repeat(N, B, S) -> E = base64:encode(B), B = base64:decode(E), repeat(N - 1, B, S + byte_size(E)).
