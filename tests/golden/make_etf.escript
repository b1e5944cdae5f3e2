#!/usr/bin/env escript
%% External terms by the stock VM, in hex:
%%   "term HEX SIZE"          term_to_binary(T), external_size(T)
%%   "opts MINOR HEX DET"     the same term in minor version 0 and 2, and deterministic (or "-")
%%   "mutant HEX RESULT"      any bytes, and what binary_to_term makes of them, encoded again ("bad")
%%   "safe HEX ok|bad"
%%   escript make_etf.escript > etf.txt
-mode(compile).
main(_) ->
    rand:seed(exsss, {4, 5, 6}),
    F0 = fun(X) -> X end,
    Terms = [0, 1, 255, 256, -1, (1 bsl 31) - 1, 1 bsl 31, -(1 bsl 31), -(1 bsl 31) - 1, 1 bsl 59, (1 bsl 60) - 1,
             1 bsl 60, -(1 bsl 60), -(1 bsl 60) - 1, (1 bsl 64) - 1, 1 bsl 64, 1 bsl 2039, 1 bsl 2040, -(1 bsl 2048), 1 bsl 5000,
             0.0, -0.0, 1.5, 1.0e300, 5.0e-324, a, '', 'å', list_to_atom(lists:duplicate(255, $x)), list_to_atom([1024, 1025]),
             list_to_atom(lists:duplicate(255, 1024)), list_to_atom(lists:duplicate(130, 255)),
             [], [a], [a | b], "abc", [1, 2, 256], [0 | 1], [255],
             {}, {a}, list_to_tuple(lists:seq(1, 255)), list_to_tuple(lists:seq(1, 256)),
             <<>>, <<1>>, <<1:1>>, <<5:7>>, <<1, 2, 3:5>>, binary:copy(<<7>>, 64), binary:copy(<<7>>, 65), <<(binary:copy(<<7>>, 100))/binary, 1:3>>,
             #{}, #{a => 1}, #{1 => a, b => #{c => []}}, maps:from_list([{I, I * I} || I <- lists:seq(1, 32)]),
             maps:from_list([{I, I * I} || I <- lists:seq(1, 33)]),
             maps:from_list([{{I, integer_to_binary(I)}, [I]} || I <- lists:seq(1, 60)]),
             maps:from_list([{I / 3, -I} || I <- lists:seq(1, 100)]),
             fun lists:map/2, fun erlang:'+'/2, self(), list_to_pid("<0.1.0>"), hd(erlang:ports()), make_ref(),
             binary_to_term(<<131, 88, 119, 3, "x@y", 1:32, 2:32, 77:32>>),
             binary_to_term(<<131, 103, 100, 3:16, "x@y", 1:32, 2:32, 2>>),
             binary_to_term(<<131, 89, 119, 3, "x@y", 9:32, 77:32>>), binary_to_term(<<131, 120, 119, 3, "x@y", 16#123456789:64, 77:32>>),
             binary_to_term(<<131, 90, 5:16, 119, 3, "x@y", 77:32, 1:32, 2:32, 3:32, 4:32, 5:32>>),
             binary_to_term(<<131, 90, 2:16, 119, 3, "x@y", 77:32, 16#ffffffff:32, 2:32>>),
             nested(200, []), [nested(50, a), #{nested(3, b) => nested(4, c)}],
             [{I, #{k => I, v => [I, "x", {I}]}} || I <- lists:seq(1, 10)]],
    [line_term(T) || T <- Terms],
    line_term(F0), line_term(fun() -> {F0, hd(Terms)} end),
    Small = [term_to_binary(T) || T <- Terms, erlang:external_size(T) < 250] ++
            [<<131, 107, 3:16, 1, 2, 3>>, <<131, 108, 0:32, 97, 1>>, <<131, 99, "1.50000000000000000000e+00", 0, 0, 0, 0, 0>>,
             <<131, 115, 2, "ab">>, <<131, 119, 2, 16#c3, 16#a5>>, <<131, 118, 0:16>>, <<131, 101, 100, 1:16, "n", 5:32, 1>>,
             <<131, 114, 2:16, 100, 1:16, "n", 1, 5:32, 6:32>>, <<131, 102, 100, 1:16, "n", 5:32, 1>>, <<131, 105, 1:32, 106>>,
             <<131, 111, 2:32, 0, 1, 2>>, <<131, 110, 3, 1, 1, 0, 0>>, <<131, 77, 1:32, 3, 255>>, <<131, 77, 2:32, 8, 1, 2>>,
             <<131, 113, 119, 1, "m", 119, 1, "f", 97, 3>>, term_to_binary(lists:duplicate(100, abc), [compressed]),
             <<131, 116, 2:32, 97, 1, 97, 2, 97, 1, 97, 3>>, <<131, 116, 1:32, 70, 0:64, 106>>],
    [mutant(B) || B <- Small],
    [[mutant(mutate(B)) || _ <- lists:seq(1, 8)] || B <- Small],
    [io:format("safe ~s ~s~n", [hex(B), try binary_to_term(B, [safe]), ok catch error:badarg -> bad end])
     || B <- [<<131, 119, 2, "ok">>, <<131, 119, 9, "zq_zq_zq1">>, <<131, 113, 119, 5, "lists", 119, 7, "reverse", 97, 2>>,
              <<131, 113, 119, 5, "lists", 119, 7, "reverse", 97, 9>>, <<131, 97, 1>>]].

line_term(T) ->
    io:format("term ~s ~w~n", [hex(term_to_binary(T)), erlang:external_size(T)]),
    io:format("opts 0 ~s -~n", [hex(term_to_binary(T, [{minor_version, 0}]))]),
    io:format("opts 2 ~s ~s~n", [hex(term_to_binary(T, [{minor_version, 2}])),
                                 hex(term_to_binary(T, [{minor_version, 2}, deterministic]))]).

nested(0, T) -> T;
nested(N, T) -> nested(N - 1, case N rem 3 of 0 -> [T]; 1 -> {T, N}; 2 -> #{N => T} end).

mutant(<<131, 80, _/binary>> = B) ->
    io:format("mutant ~s ~s~n", [hex(B), result(B)]);
mutant(B) ->
    case result(B) of
        skip -> ok;
        R -> io:format("mutant ~s ~s~n", [hex(B), R])
    end.

result(B) ->
    try binary_to_term(B) of
        T -> hex(term_to_binary(T))
    catch error:badarg -> "bad"
    end.

mutate(B) ->
    P = rand:uniform(byte_size(B)) - 1,
    <<H:P/binary, C, T/binary>> = B,
    case rand:uniform(5) of
        1 -> <<H/binary, T/binary>>;
        2 -> <<H/binary, (rand:uniform(256) - 1), C, T/binary>>;
        3 -> <<H/binary, (rand:uniform(256) - 1), T/binary>>;
        4 -> <<H/binary, (C bxor (1 bsl (rand:uniform(8) - 1))), T/binary>>;
        5 -> H
    end.

hex(<<>>) -> "-";
hex(B) -> [io_lib:format("~2.16.0b", [X]) || <<X>> <= B].
