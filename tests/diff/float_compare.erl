%% Comparison and equality between floats and integers, exact and by value.
-module(float_compare).
-export([run/0]).
-include("diff.hrl").

run() ->
    Vs = [0, 0.0, -0.0, 1, 1.0, -1, -1.0, 0.5, 2, 1 bsl 53, (1 bsl 53) + 1, 9007199254740992.0,
        (1 bsl 59), 5.764607523034235e17, 1.0e300, 1 bsl 997, -1.0e300],
    [{A, B, A == B, A =:= B, A < B, A =< B, A > B, A >= B, A /= B, A =/= B} || A <- Vs, B <- Vs].
