%% diff: full
%% erl_scan over all token kinds, positions, errors.
-module(lib_scan).
-export([run/0]).
-include("diff.hrl").

run() ->
    [{S, erl_scan:string(S)}
        || S <- ["a Abc _x 'q a' \"str\" $a $\\n 12 16#ff 1.5e3 1_000 <<1>> fun m:f/1",
        "-module(x).", "%% c\nx. ", "a -> b; c =:= d, #{k := v} <- ||", "\"multi\nline\"", "'bad",
        "\"open", "$", "16#", "37#1", "1.0e999", "\x{e9}t\x{e9} = 1", "a\\b", "\"\\x{110000}\"",
        "2#102", "\"\\^a\\e\\s\\d\"", "?M ! ! :: ... .. =< >= /= =/= ++ -- <- <= ::"]]
        ++ [erl_scan:string("a b", {5, 3}), erl_scan:string("a % c", 1, [return, text]),
        erl_scan:string("a b", 1, [return_white_spaces]), erl_scan:tokens([], "a. b", 1),
        erl_scan:reserved_word('case'), erl_scan:format_error({illegal, x})].
