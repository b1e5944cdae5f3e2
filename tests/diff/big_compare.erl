%% Order among big integers, small ones and floats of the same size.
-module(big_compare).
-export([run/0]).
-include("diff.hrl").

run() ->
    Vs = [0, 1 bsl 59, -(1 bsl 59) - 1, 1 bsl 64, (1 bsl 64) + 1, -(1 bsl 64), 1 bsl 53,
        (1 bsl 53) + 1, 9007199254740992.0, 18446744073709551616.0, -18446744073709551616.0,
          1 bsl 1023, 1 bsl 1024, -(1 bsl 1024), 8.98846567431158e307, 1.7976931348623157e308,
          -1.7976931348623157e308, (1 bsl 1024) - (1 bsl 970), (1 bsl 1024) - (1 bsl 971)],
    [{[A < B, A =< B, A == B, A =:= B, A /= B, A =/= B, A > B, A >= B]} || A <- Vs, B <- Vs].
