%% Counters that pass each limit one step at a time, upwards and downwards.
-module(arith_inc).
-export([run/0]).
-include("diff.hrl").

run() ->
    [[up(L - 3, 6), down(L + 3, 6), up(-L - 3, 6), down(-L + 3, 6)]
        || L <- [1 bsl 27, 1 bsl 31, 1 bsl 32, 1 bsl 58, 1 bsl 59, 1 bsl 60, 1 bsl 63, 1 bsl 64,
        1 bsl 128]].
up(_, 0) -> [];
up(X, N) -> [X | up(X + 1, N - 1)].
down(_, 0) -> [];
down(X, N) -> [X | down(X - 1, N - 1)].
