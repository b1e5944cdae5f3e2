%% A binary grown by appending, as encoders do.
-module(bench_binaries_build).
-export([run/1]).

run(N) -> repeat(N, 0).
repeat(0, S) -> S;
repeat(N, S) -> repeat(N - 1, (S + byte_size(build(500, <<>>))) band 16#ffffff).
build(0, B) -> B;
build(N, B) when N rem 3 =:= 0 -> build(N - 1, <<B/binary, N:32, "field">>);
build(N, B) -> build(N - 1, <<B/binary, N:16/little, (N band 255)>>).
