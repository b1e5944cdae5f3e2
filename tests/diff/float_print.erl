%% float_to_list in every form; shortest decimal text that reads back.
-module(float_print).
-export([run/0]).
-include("diff.hrl").

run() ->
    Fs = [0.0, -0.0, 1.0, -1.0, 0.1, 0.2, 0.3, 100.0, 1.0e21, 1.0e22, 123456789.0, 1.0e-5, 1.0e-7,
        5.0e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 3.141592653589793, 1/3, 2/3,
        1.0e15, 1.0e16, 1.0e17, 9007199254740993.0, 4.35, 0.000123, 299792458.0, 6.02214076e23,
        1.5e300],
    [{F, float_to_list(F), float_to_list(F, [short]), list_to_float(float_to_list(F,
        [short])) =:= F} || F <- Fs]
        ++ [{F, float_to_list(F, [{scientific, D}])} || F <- Fs, D <- [0, 1, 6, 17, 20]]
        ++ [{F, ?TRY(float_to_list(F, [{decimals, D}])),
            ?TRY(float_to_list(F, [{decimals, D}, compact])),
            ?TRY(float_to_binary(F, [{decimals, D}]))} || F <- Fs, D <- [0, 1, 2, 5, 10, 20]].
