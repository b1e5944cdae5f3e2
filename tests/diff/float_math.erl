%% The math module: exact cases, domain errors, overflow and wrong arguments.
-module(float_math).
-export([run/0]).
-include("diff.hrl").

run() ->
    One = [sin, cos, tan, asin, acos, atan, sinh, cosh, tanh, asinh, acosh, atanh, exp, log, log2,
        log10, sqrt, erf, erfc, ceil, floor],
    As = [0, 1, -1, 0.0, 1.0, -1.0, 2, 4, 100, 1000, -1000, 0.5, 1 bsl 64, a, 1 bsl 2000],
    [{F, A, short(?TRY(math:F(A)))} || F <- One, A <- As]
     ++ [{pow, A, B, short(?TRY(math:pow(A, B)))} || A <- [0, 0.0, 2, -2, 10, a],
         B <- [0, 1, -1, 0.5, 3, 2000, a]]
     ++ [{atan2, A, B, short(?TRY(math:atan2(A, B)))} || A <- [0, 1, -1.0, a], B <- [0, 1, -1.0]]
     ++ [{fmod, A, B, ?TRY(math:fmod(A, B))} || A <- [5, -5, 5.5, a], B <- [3, -3, 0, 0.0, 2.5]]
         ++ [math:pi()].
short({ok, F}) when is_float(F) -> {ok, float_to_list(F, [{scientific, 12}])};
short(X) -> X.
