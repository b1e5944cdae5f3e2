%% Integers as text in several bases and back.
-module(big_text).
-export([run/0]).
-include("diff.hrl").

run() ->
    Vs = [0, 9, -9, 1 bsl 59, -(1 bsl 59), 1 bsl 63, (1 bsl 64) - 1, -(1 bsl 64),
        123456789012345678901234567890, (1 bsl 333) - 1, -(1 bsl 500)],
    [{B, integer_to_list(V, B), list_to_integer(integer_to_list(V, B), B) =:= V,
        binary_to_integer(integer_to_binary(V, B), B) =:= V} || V <- Vs,
        B <- [2, 3, 7, 8, 10, 16, 36]]
        ++ [{S, ?TRY(list_to_integer(S)), ?TRY(list_to_integer(S, 16)),
            ?TRY(binary_to_integer(list_to_binary(S)))}
            || S <- ["0", "-0", "+7", "", "-", "+", "12a", " 1", "1 ", "--1", "00012", "ff", "FF",
            "-ff", "99999999999999999999999999", "1_000", "1.0"]]
        ++ [?TRY(list_to_integer("1", B)) || B <- [0, 1, 2, 36, 37, a]]
            ++ [?TRY(integer_to_list(1, B)) || B <- [0, 1, 36, 37, a]]
                ++ [?TRY(integer_to_list(?ID(a)))].
