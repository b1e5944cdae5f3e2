#!/usr/bin/env escript
%% Integer arithmetic as the stock VM does it. Prints lines "op a b result", integers in base 16;
%% tests/unit/big_test.cpp reads tests/golden/big.txt:  escript make_big.escript > big.txt
main(_) ->
    rand:seed(exsss, {1, 2, 3}),
    Edge = [0, 1, 2, 3, 10, 255, 1 bsl 31, (1 bsl 32) - 1, 1 bsl 59, (1 bsl 59) - 1, (1 bsl 60) - 1,
            1 bsl 60, (1 bsl 60) + 1, (1 bsl 63) - 1, 1 bsl 63, (1 bsl 64) - 1, 1 bsl 64,
            (1 bsl 64) + 1, (1 bsl 127), (1 bsl 128) - 1, 1 bsl 128],
    Pick = Edge ++ [-X || X <- Edge] ++ [-(X + 1) || X <- Edge],
    Random = fun() ->
                     V = rand:uniform(1 bsl rand:uniform(300)) - 1,
                     case rand:uniform(2) of 1 -> V; 2 -> -V end
             end,
    Pairs = [{A, B} || A <- Pick, B <- Pick, rand:uniform(30) =:= 1] ++
            [{Random(), Random()} || _ <- lists:seq(1, 50)],
    [begin
         p(add, A, B, A + B), p(sub, A, B, A - B), p(mul, A, B, A * B),
         B =/= 0 andalso begin p('div', A, B, A div B), p('rem', A, B, A rem B) end,
         p('band', A, B, A band B), p('bor', A, B, A bor B), p('bxor', A, B, A bxor B),
         p('bnot', A, 0, bnot A), p(neg, A, 0, -A),
         S = rand:uniform(400) - 200,
         p('bsl', A, S, A bsl S),
         p(cmp, A, B, if A < B -> -1; A > B -> 1; true -> 0 end),
         Base = rand:uniform(35) + 1,
         io:format("text ~.16B ~.16B ~s~n", [A, Base, integer_to_list(A, Base)]),
         io:format("double ~.16B 0 ~.16B~n", [A, bits(float(A))])
     end || {A, B} <- Pairs],
    %% Numbers near powers of two, where one rounding per limb and one rounding differ.
    [begin
         A = (((1 bsl 53) + rand:uniform(4)) bsl (64 * rand:uniform(3) + rand:uniform(64))) + (1 bsl rand:uniform(120)) + rand:uniform(3) - 2,
         io:format("double ~.16B 0 ~.16B~n", [A, bits(float(A))])
     end || _ <- lists:seq(1, 200)],
    [begin
         F = (rand:uniform() - 0.5) * math:pow(2, rand:uniform(1040) - 16),
         io:format("trunc ~.16B 0 ~.16B~n", [bits(F), trunc(F)])
     end || _ <- lists:seq(1, 100)],
    [begin
         A = Random(),
         F = float(A + rand:uniform(5) - 3),
         io:format("cmpf ~.16B ~.16B ~.16B~n", [A, bits(F), if A < F -> -1; A > F -> 1; true -> 0 end])
     end || _ <- lists:seq(1, 200)].

bits(F) -> <<I:64>> = <<F/float>>, I.
p(Op, A, B, R) -> io:format("~s ~.16B ~.16B ~.16B~n", [Op, A, B, R]).
