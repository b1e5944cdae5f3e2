%% Bit operations on big integers keep two's complement meaning.
-module(big_bits).
-export([run/0]).
-include("diff.hrl").

run() ->
    A = (1 bsl 1000) - 12345, B = -(1 bsl 700) + 99, C = 16#ffffffffffffffffffffffffffffffff,
    D = -(1 bsl 64),
    Vs = [A, B, C, D, -C, 1 bsl 63, -1, 0],
    [{erlang:phash2(X band Y), erlang:phash2(X bor Y), erlang:phash2(X bxor Y),
        X bxor Y bxor Y =:= X, (X band Y) + (X bor Y) =:= X + Y, bnot (bnot X) =:= X} || X <- Vs,
        Y <- Vs]
        ++ [X band 16#ffff || X <- Vs] ++ [X bsr 690 || X <- Vs]
            ++ [(X bsl 131) bsr 131 =:= X || X <- Vs].
