%% band, bor, bxor and bnot on small and large integers of both signs.
-module(arith_bits).
-export([run/0]).
-include("diff.hrl").

run() ->
    Vs = [0, 1, -1, 5, -6, 16#ffff, -16#ffff, (1 bsl 59) - 1, -(1 bsl 59), 1 bsl 60,
        -(1 bsl 60) - 1, (1 bsl 64) - 1, -(1 bsl 64), 1 bsl 64, 16#deadbeefcafebabe1234,
        -16#deadbeefcafebabe1234],
    [{A, bnot A, [{A band B, A bor B, A bxor B} || B <- Vs]} || A <- Vs].
