%% Conversions between big integers and floats: rounding to even, truncation back, the largest.
-module(big_float).
-export([run/0]).
-include("diff.hrl").

run() ->
    [{E, [begin X = S * ((1 bsl E) + D), F = float(X), {trunc(F), round(F), F == X,
        trunc(F) - X} end || S <- [1, -1], D <- [0, 1, 3, 1 bsl (E - 53), 3 bsl (E - 54)]]}
        || E <- [54, 60, 64, 70, 100, 500]]
        ++ [trunc(1.7976931348623157e308) =:= ((1 bsl 53) - 1) bsl 971,
        float(((1 bsl 53) - 1) bsl 971), ?TRY(float(1 bsl 1024)),
        ?TRY(float(?ID((1 bsl 1024) - (1 bsl 969)))), 1 bsl 70 == 1180591620717411303424.0,
        (1 bsl 70) + 1 == 1180591620717411303424.0, (1 bsl 70) + 1 > 1180591620717411303424.0].
