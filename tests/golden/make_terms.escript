#!/usr/bin/env escript
%% Writes the golden values of tests/unit/{compare,hash,map,print}_test.cpp as the stock VM computes
%% them. Run with the stock escript in this folder:  escript make_terms.escript
%% Terms are in the external format, in hex.
-mode(compile).

main(_) ->
    compare("compare.txt"),
    hash("hash.txt"),
    maps("maps.txt"),
    print("print.txt").

hex(T) -> << <<(hd(integer_to_list(N, 16)))>> || <<N:4>> <= term_to_binary(T, [{minor_version, 2}]) >>.

write(File, Lines) -> ok = file:write_file(File, [[L, $\n] || L <- Lines]).

numbers() ->
    B = 1 bsl 53,
    [0, 1, -1, 2, 255, 256, 1 bsl 27, (1 bsl 27) - 1, -(1 bsl 27), -(1 bsl 27) - 1, 1 bsl 31, 1 bsl 32,
     -(1 bsl 32), B - 2, B - 1, B, B + 1, -B, -B - 1, (1 bsl 58), (1 bsl 59) - 1, 1 bsl 59,
     -(1 bsl 59), -(1 bsl 59) - 1, (1 bsl 60) - 1, 1 bsl 60, -(1 bsl 60), -(1 bsl 60) - 1,
     (1 bsl 60) + 1, (1 bsl 63), (1 bsl 64) - 1, 1 bsl 64, (1 bsl 64) + 1, -(1 bsl 64),
     (1 bsl 100), (1 bsl 100) + 1, (1 bsl 100) - 1, -(1 bsl 100), 1 bsl 1023, 1 bsl 1024,
     (1 bsl 1100) + 17, -(1 bsl 1024), 12345678901234567890123456789,
     0.0, -0.0, 1.0, -1.0, 0.5, 1.5, 255.0, 256.0, float(1 bsl 53), float((1 bsl 53) - 1), 1.0e10,
     float(1 bsl 59), float(1 bsl 60), -float(1 bsl 60), float(1 bsl 61), float(1 bsl 64),
     float(1 bsl 100), -float(1 bsl 100), 1.0e300, -1.0e300, 1.7976931348623157e308, 5.0e-324].

others() ->
    [a, b, ab, '', abc, abcd, abcde, abcdf, 'åäö', 'Ω', 'A', true, nil,
     {}, {1}, {1.0}, {a}, {a, b}, {1, 2, 3}, {1, 2.0, 3}, {{}}, {{1}, {2}},
     [], [1], [1.0], [1, 2], [1 | 2], [1, 2 | a], "abc", "abcd", "abcdefgh", [a, "xyz", 1.0], [[]],
     [[], [[]]], [256, 1], [1, 256, 2], [$a, b, $c, $d, $e, $f], [{1, 2}, {3, 4}], [[1], [2 | 3]],
     <<>>, <<1>>, <<1, 2>>, <<"hello world">>, <<"hello worle">>, <<0:1>>, <<1:1>>, <<5:3>>, <<1, 2, 3:4>>,
     <<1, 2, 3:5>>, list_to_binary(lists:seq(0, 255)), binary:copy(<<"xyz">>, 40), <<255:13>>,
     #{}, #{a => 1}, #{a => 2}, #{b => 1}, #{1 => a}, #{1.0 => a}, #{a => 1, b => 2}, #{a => 1.0},
     #{1 => 1, 1.0 => 2}, #{<<"k">> => [1, 2]}, #{#{a => 1} => #{b => 2}}].

big_maps() ->
    M = maps:from_list([{I, I} || I <- lists:seq(1, 40)]),
    [M, M#{1 := 0}, M#{40 := 0}, M#{1 := 1.0}, M#{1 := 0, 2 := 5}, M#{1 := 5, 2 := 0},
     maps:remove(1, M#{0 => 0}), maps:remove(40, M#{41 => 0}), maps:remove(1, M#{1.0 => 1}),
     M#{7 := M}, M#{7 := M#{3 := 4}}, maps:from_list([{{I, "x"}, I} || I <- lists:seq(1, 50)]),
     maps:from_list([{{I, "x"}, I * 1.0} || I <- lists:seq(1, 50)]),
     maps:from_list([{{I * 1.0, "x"}, I} || I <- lists:seq(1, 50)]),
     maps:from_list([{I, I} || I <- lists:seq(1, 33)]),
     maps:from_list([{I, I} || I <- lists:seq(1, 32)])].

terms() -> numbers() ++ others() ++ big_maps().

sign(true, _, _) -> $<;
sign(_, true, _) -> $=;
sign(_, _, _) -> $>.

%% All terms, then for each a row of its relation to every other in the arithmetic order, a row for
%% the exact order, and a row for =:=.
compare(File) ->
    Ts = terms(),
    Row = fun(F) -> [[F(A, B) || B <- Ts] || A <- Ts] end,
    Arith = Row(fun(A, B) -> sign(A < B, A == B, x) end),
    Exact = Row(fun(A, B) ->
                        J = erts_internal:cmp_term(A, B),
                        sign(J < 0, J == 0, x)
                end),
    Same = Row(fun(A, B) -> case A =:= B of true -> $=; false -> $/ end end),
    write(File, [integer_to_list(length(Ts)) | [hex(T) || T <- Ts]] ++ Arith ++ Exact ++ Same).

%% term phash2 phash
hash(File) ->
    Deep = lists:foldl(fun(_, A) -> [A] end, [], lists:seq(1, 1000)),
    Wide = list_to_tuple(lists:seq(1, 300)),
    Ts = terms() ++ [Deep, Wide, [Wide, "tail" | Wide], fun lists:map/2, lists:seq(1, 1000),
                     lists:duplicate(1000, $a), {<<1:7>>, [<<2:15, 3:3>>]}],
    write(File, [io_lib:format("~s ~b ~b", [hex(T), erlang:phash2(T), erlang:phash(T, 1 bsl 32) - 1])
                 || T <- Ts]).

%% map (in the external format, where the pairs of a large map come in its own order), then its
%% keys in the order of maps:keys/1
maps(File) ->
    Sets = [lists:seq(1, N) || N <- [0, 1, 5, 31, 32, 33, 34, 64, 100, 500, 3000]]
        ++ [[I * 1.5 || I <- lists:seq(-100, 100)],
            [-I || I <- lists:seq(1, 200)],
            [(1 bsl 59) + I || I <- lists:seq(-50, 50)],
            [-(1 bsl 59) + I || I <- lists:seq(-50, 50)],
            [(1 bsl 60) + I || I <- lists:seq(-50, 50)],
            [I * (1 bsl 40) || I <- lists:seq(-50, 50)],
            [1 bsl I || I <- lists:seq(0, 200)],
            [integer_to_binary(I) || I <- lists:seq(1, 300)],
            [<<I:I>> || I <- lists:seq(0, 100)],
            [integer_to_list(I) || I <- lists:seq(1, 300)],
            [{I, integer_to_binary(I)} || I <- lists:seq(1, 300)],
            [[I, {I, 2.5}] || I <- lists:seq(1, 100)],
            [[I | I] || I <- lists:seq(1, 100)],
            [lists:seq(1, I) || I <- lists:seq(0, 60)],
            [list_to_tuple(lists:seq(1, I)) || I <- lists:seq(0, 60)],
            [#{I => 1} || I <- lists:seq(1, 50)],
            [{[], {}, [[]], I} || I <- lists:seq(1, 50)],
            [maps:from_list([{J, I} || J <- lists:seq(1, 40)]) || I <- lists:seq(1, 40)],
            [1, 1.0, 2, 2.0, "1", <<"1">>, {1}, [], {}],
            [rand_term(I) || I <- lists:seq(1, 400)],
            colliding(), colliding() ++ lists:seq(1, 1000)],
    write(File, [begin
                     M = maps:from_list([{K, ok} || K <- lists:reverse(Ks)]),
                     io_lib:format("~s ~s", [hex(Ks), hex(maps:keys(M))])
                 end || Ks <- Sets]).

%% Pairs of integers with the same 32-bit hash, which part only below the eighth level of the trie.
colliding() ->
    [388950, 892162, 409845, 625435, 392768, 707725, 407586, 710891, 924938, 968407, 412884,
     605474, 426156, 967209, 119919, 827997, 38925, 973526, 542747, 980787, 689746, 847678,
     41122, 871222, 20274, 794909, 712200, 727129, 123632, 980352, 291744, 449910, 301481,
     476133, 443705, 799104, 510333, 651095, 166184, 991206, 936750, 989364, 807409, 1010949,
     341625, 641162, 703538, 928325, 578266, 757151, 227569, 399454, 573882, 1026921, 619118,
     969902, 204599, 1026119, 125778, 601523, 691943, 908806, 886634, 990972, 213585, 753304,
     842585, 1023474, 250516, 559107, 560694, 801661, 335378, 400719, 425079, 620694, 401954,
     1001789, 159781, 810959, 195508, 874057, 171977, 387944, 108090, 915399, 43773, 709956,
     429080, 489784, 458396, 493074, 137513, 722095, 189299, 360461, 88953, 451793, 729261,
     895192, 147625, 754109, 765064, 857011, 779583, 1026388, 178207, 526538, 116763, 768277,
     198773, 280384, 196515, 454744, 332661, 919824, 78307, 641061, 598141, 608319].

rand_term(I) ->
    H = erlang:phash2(I),
    case H rem 5 of
        0 -> H;
        1 -> integer_to_binary(H);
        2 -> H / 7;
        3 -> {H, [H band 255]};
        4 -> H * H * H
    end.

%% term, then the bytes that erlang:display/1 prints, in hex. erts_debug:display/1 prints them too
%% and gives them as its value.
print(File) ->
    Ts = [T || T <- terms(), not (is_map(T) andalso map_size(T) > 32)]
        ++ ["a\"b\\c\n\t", [$a, 200], [0], <<"q\"\\">>, <<200, 1>>, 'hello world', 'don\'t', 'a@b', 'Abc', '_x',
            'a\nb', [a | b], [1, 2 | c], #{x => #{"y" => {1}}}, fun lists:map/2, fun 'A b':'c d'/0,
            {[], {}, #{}, <<>>, ""}, 'éa', 'aé', 'π', '1a', a1, 'a\x{80}b', 'nil', [[], "ab"]],
    write(File, [io_lib:format("~s ~s", [hex(T), displayed(T)]) || T <- Ts]).

displayed(T) ->
    B = list_to_binary(erts_debug:display(T)),
    << <<(hd(integer_to_list(N, 16)))>> || <<N:4>> <= B >>.
