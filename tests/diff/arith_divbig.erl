%% Division of big by big with every sign, and by divisors of one, two and many digits.
-module(arith_divbig).
-export([run/0]).
-include("diff.hrl").

run() ->
    Ns = [1 bsl 64, (1 bsl 128) - 1, 3 * (1 bsl 200) + 17, (1 bsl 640) - (1 bsl 320)],
    Ds = [1, 2, 3, 10, 255, 1 bsl 32, (1 bsl 59) - 1, 1 bsl 60, (1 bsl 64) - 1, 1 bsl 64,
        (1 bsl 65) + 1, (1 bsl 127) - 1, 1 bsl 128, (1 bsl 300) + 1],
    [begin N = S1 * N0, D = S2 * D0, Q = N div D, R = N rem D,
        {Q * D + R =:= N, abs(R) < abs(D), R =:= 0 orelse (R < 0) =:= (N < 0),
        erlang:phash2({Q, R})} end || N0 <- Ns, D0 <- Ds, S1 <- [1, -1], S2 <- [1, -1]].
