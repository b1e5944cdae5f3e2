%% Wrong options and wrong arguments of the float printing BIFs.
-module(float_opts).
-export([run/0]).
-include("diff.hrl").

run() ->
    Os = [[], [short], [compact], [{decimals, 2}], [{decimals, -1}], [{decimals, 253}],
        [{decimals, 254}], [{decimals, a}], [{scientific, 3}], [{scientific, 249}],
        [{scientific, 250}], [{scientific, -1}], [{decimals, 2}, {scientific, 3}],
        [{scientific, 3}, {decimals, 2}], [short, compact], [bogus], a, [{decimals, 1} | x],
        [{decimals, 2}, short]],
    [{O, ?TRY(float_to_list(?ID(2.5), O)), ?TRY(float_to_binary(?ID(-2.25), O))} || O <- Os]
        ++ [?TRY(float_to_list(?ID(A))) || A <- [1, a, "1.0"]]
     ++ [?TRY(float_to_list(?ID(A), [{decimals, 0}])) || A <- [0.5, 1.5, 2.5, -0.5, -0.4, 0.0, -0.0,
         1.0e22, 999999.5]].
