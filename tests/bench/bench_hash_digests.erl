%% md5, crc32 and adler32 of a few kilobytes.
-module(bench_hash_digests).
-export([run/1]).

run(N) -> B = binary:copy(<<"0123456789abcdef">>, 256), repeat(N, B, 0).
repeat(0, _, S) -> S;
repeat(N, B, S) ->
    <<X:16, _/binary>> = erlang:md5(B), repeat(N - 1, B,
        (S + X + erlang:crc32(B) + erlang:adler32(B)) band 16#ffffff).
