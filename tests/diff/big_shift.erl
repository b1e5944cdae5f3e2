%% Shifts of big numbers by every count near digit boundaries, both signs.
-module(big_shift).
-export([run/0]).
-include("diff.hrl").

run() ->
    [{S, C, erlang:phash2(X bsl C), erlang:phash2(X bsr C), (X bsl C) bsr C =:= X, X bsr C}
        || S <- [1, -1], X <- [S * ((1 bsl 130) + 12345678901234567)],
        C <- [0, 1, 31, 32, 33, 59, 60, 61, 63, 64, 65, 66, 127, 128, 129, 130, 131, 132, 200]].
