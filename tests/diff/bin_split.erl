%% split_binary, binary_part, sub-binaries at every position, joined again.
-module(bin_split).
-export([run/0]).
-include("diff.hrl").

run() ->
    B = list_to_binary(diff_runner:seq(1, 100)), [[begin {X, Y} = split_binary(B, N),
        <<X/binary, Y/binary>> =:= B andalso byte_size(X) =:= N end
        || N <- diff_runner:seq(0, 100)] =:= [true || _ <- diff_runner:seq(0, 100)],
        [binary_part(B, P, L) || {P, L} <- [{0, 0}, {0, 3}, {97, 3}, {100, 0}, {100, -3},
        {50, -2}]], [?TRY(binary_part(B, P, L)) || {P, L} <- [{101, 0}, {0, 101}, {0, -1}, {-1, 1},
        {a, 1}, {1, a}, {1 bsl 70, 1}, {1, -(1 bsl 70)}]], ?TRY(split_binary(?ID(<<1:9>>), 1)),
        chunks(B, 7), [byte_size(X) || X <- cut(B)]].
chunks(B, N) when byte_size(B) =< N -> [B];
chunks(B, N) -> {H, T} = split_binary(B, N), [H | chunks(T, N)].
cut(<<N, B:N/binary, R/binary>>) -> [B | cut(R)];
cut(R) -> [R].
