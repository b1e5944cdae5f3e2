#!/usr/bin/env escript
%% Floats as text, by the stock VM. Lines "short BITS TEXT", "sci BITS DECIMALS TEXT",
%% "fixed BITS DECIMALS TEXT", "compact BITS DECIMALS TEXT", "parse TEXT BITS|bad":
%%   escript make_float_text.escript > float_text.txt
main(_) ->
    rand:seed(exsss, {7, 8, 9}),
    Special = [0.0, -0.0, 1.0, -1.0, 0.1, 0.5, 1.0e22, 1.0e21, 1.0e23, 123456789.0, 1234567890.0, 12345678900.0,
               123456789000.0, 100.0, 1000.0, 1.0e4, 1.0e-4, 1.0e-5, 0.001234, 0.0001234, 12340.0, 123400.0,
               9007199254740991.0, 9007199254740992.0, 9007199254740994.0, -9007199254740992.0, 9.0e15, 9.1e15,
               4503599627370497.5, 1.7976931348623157e308, 2.2250738585072014e-308, 5.0e-324, 3.0e-324 * 2,
               18014398509481984.0, 90071992547409930.0, 900719925474099.3, 1.0e15, 1.0e16, 0.999999999, 0.05, 0.15, 2.5, 1.005],
    Random = [begin <<F/float>> = <<(rand:uniform(16#7fe) - 1):12, (rand:uniform(1 bsl 52) - 1):52>>, F end || _ <- lists:seq(1, 200)],
    Plain = [float(rand:uniform(1 bsl rand:uniform(62))) / math:pow(10, rand:uniform(12) - 1) || _ <- lists:seq(1, 300)],
    Whole = [float(rand:uniform(1 bsl rand:uniform(62)) * trunc(math:pow(10, rand:uniform(5)))) || _ <- lists:seq(1, 200)],
    All = Special ++ Random ++ Plain ++ Whole,
    [io:format("short ~w ~s~n", [bits(F), float_to_list(F, [short])]) || F <- All],
    [begin
         D = rand:uniform(22) - 1,
         io:format("sci ~w ~w ~s~n", [bits(F), D, float_to_list(F, [{scientific, D}])]),
         case catch {float_to_list(F, [{decimals, D}]), float_to_list(F, [{decimals, D}, compact])} of
             {A, B} when is_list(A) ->
                 io:format("fixed ~w ~w ~s~n", [bits(F), D, A]),
                 io:format("compact ~w ~w ~s~n", [bits(F), D, B]);
             _ -> ok
         end
     end || F <- Special ++ lists:sublist(Random, 40) ++ lists:sublist(Plain, 200)],
    [io:format("parse ~s ~w~n", [T, try bits(list_to_float(T)) catch error:badarg -> bad end])
     || T <- ["1.0", "+1.0", "-1.0", "1,5", "1", "1.", ".5", "1.0e", "1.0e+", "1.0e+5", "1.0E-5", "1.0e400", "1.0e-400",
              "-1.0e-400", "-0.0", "1.0x", "1..0", "0.1", "123456789012345678901234567890.0", "4.9e-324", "2.0e-324",
              "2.4703282292062327e-324", "2.4703282292062328e-324", "1.7976931348623158e308", "1.7976931348623159e308",
              "9007199254740993.0", "0.000000000000000000000000000000000000000000000000000000000000000000000001",
              "1.00000000000000011102230246251565404236316680908203125", "1.00000000000000011102230246251565404236316680908203126",
              "++1.0", "1.0e1.0", "1e5", "1.0e0000000000000000000000005"]
              ++ [float_to_list(F) || F <- lists:sublist(Random, 50)]].

bits(F) -> <<I:64>> = <<F/float>>, I.
