%% list_to_float and binary_to_float: what is text of a float and what is not.
-module(float_parse).
-export([run/0]).
-include("diff.hrl").

run() ->
    Ss = ["1.0", "-1.0", "+1.0", "1", "1.", ".5", "1.0e3", "1.0E3", "1.0e+3", "1.0e-3", "1.0e",
        "1.0e400", "-1.0e400", "1.0e-400", "1e5", "", " 1.0", "1.0 ", "1.0x", "0.1",
        "123456789012345678901234567890.5", "4.9e-324", "2.4703282292062327e-324",
        "2.4703282292062328e-324", "1.7976931348623157e308", "1.7976931348623159e308", "00001.5",
        "-0.0", "1..0", "1.0e1.0", "nan", "inf", "1_0.0", "1,5"],
    [{S, ?TRY(list_to_float(S)), ?TRY(binary_to_float(list_to_binary(S)))} || S <- Ss]
        ++ [?TRY(list_to_float(?ID(X))) || X <- [a, 1, [$1, a], <<"1.0">>, [$1 | $2]]]
            ++ [?TRY(binary_to_float(?ID(X))) || X <- [a, <<1:3>>, "1.0"]].
