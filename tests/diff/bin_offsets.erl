%% Copies between all pairs of bit offsets, by construction from slices.
-module(bin_offsets).
-export([run/0]).
-include("diff.hrl").

run() ->
    Src = ?ID(<<16#0123456789abcdef:64, 16#fedcba9876543210:64>>),
    [begin <<_:A, X:N/bits, _/bits>> = Src, Y = <<0:B, X/bits, 1:1>>, <<_:B, Z:N/bits, 1:1>> = Y,
        {Z =:= X, erlang:phash2(Y)} end || A <- diff_runner:seq(0, 9), B <- diff_runner:seq(0, 9),
        N <- [0, 1, 7, 8, 9, 31, 64, 65, 100]].
