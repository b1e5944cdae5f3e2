%% Rounding to decimals, including ties and carries.
-module(float_round).
-export([run/0]).
-include("diff.hrl").

run() ->
    [{F, D, float_to_list(F, [{decimals, D}])} || F <- [0.05, 0.15, 0.25, 0.35, 1.005, 2.675, 9.995,
        9.9999, -9.9995, 0.00499, 123.456, 1.0e10, 99999999.995, 0.1 + 0.2],
        D <- [0, 1, 2, 3, 4, 15]]
     ++ [{F, round(F), trunc(F), ceil(F), floor(F)} || F <- [0.49999999999999994,
         -0.49999999999999994, 4503599627370495.5, -4503599627370495.5, 4503599627370496.5, 2.5,
         3.5, -2.5, 1.0e100]].
