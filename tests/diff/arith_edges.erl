%% Addition and subtraction that cross the 59, 60, 61, 63 and 64 bit limits both ways.
-module(arith_edges).
-export([run/0]).
-include("diff.hrl").

run() ->
    Ws = [58, 59, 60, 61, 62, 63, 64, 65, 127, 128],
    Vs = [S * ((1 bsl W) + D) || W <- Ws, S <- [1, -1], D <- [-1, 0, 1]],
    [{A, [{B, A + B, A - B, A + ?ID(1), A - ?ID(1), -A}
        || B <- [1, -1, A, -A, 1 bsl 59, -(1 bsl 59)]]} || A <- Vs].
