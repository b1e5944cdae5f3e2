#!/usr/bin/env escript
%% Writes bif_bytes.txt: calls of built-in functions on numbers, binaries and external terms, and what
%% the stock VM answers. Lines as in bif_calls.txt. Run with the stock escript in this folder.
-mode(compile).

main(_) ->
    Lines = [iolist_to_binary(call(C)) || C <- calls()],
    ok = file:write_file("bif_bytes.txt", [L || L <- Lines, keep(L)]).

%% All the short lines, a few of the long ones.
keep(L) when byte_size(L) < 300 -> erlang:phash2(L, 3) > 0;
keep(L) when byte_size(L) < 1500 -> erlang:phash2(L, 4) =:= 0;
keep(L) -> erlang:phash2(L, 8) =:= 0.

hex(T) -> << <<(hd(integer_to_list(N, 16)))>> || <<N:4>> <= term_to_binary(T, [{minor_version, 2}]) >>.

call({M, F, A}) ->
    Result = try {ok, apply(M, F, A)} catch C:R -> {C, R} end,
    io_lib:format("~s ~s ~s ~s\n", [M, F, hex(A), hex(Result)]).

each1(M, Fs, As) -> [{M, F, [A]} || F <- Fs, A <- As].

calls() -> arith() ++ text() ++ math() ++ binaries() ++ search() ++ lists_to() ++ checksums() ++ etf().

numbers() ->
    [0, 1, -1, 7, -7, 255, (1 bsl 59) - 1, 1 bsl 59, -(1 bsl 59), -(1 bsl 59) - 1, (1 bsl 60) - 1, 1 bsl 60, -(1 bsl 60),
     -(1 bsl 60) - 1, 1 bsl 64, -(1 bsl 64), 1 bsl 127, (1 bsl 130) + 12345, -(1 bsl 200), 1 bsl 1024,
     0.0, -0.0, 1.0, -1.5, 2.5, 0.5, 1.0e10, 1.5e300, 1.7976931348623157e308, 9007199254740993.0, 1.0e22].

arith() ->
    Ns = numbers() ++ [a, "x"],
    [{erlang, Op, [A, B]} || Op <- ['+', '-', '*', '/', 'div', 'rem', 'band', 'bor', 'bxor'], A <- Ns, B <- Ns,
                             erlang:phash2({Op, A, B}, 4) =:= 0 orelse B =:= 0 orelse A =:= a]
        ++ [{erlang, Op, [A, B]} || Op <- ['bsl', 'bsr'], A <- Ns, B <- [0, 1, -1, 59, 60, 64, -64, 128, -300, 1 bsl 70, -(1 bsl 70), 1.0, a, 1 bsl 40]]
        ++ each1(erlang, ['+', '-', 'bnot', abs, float, trunc, round, ceil, floor], Ns).

text() ->
    Ints = [N || N <- numbers(), is_integer(N)],
    Floats = [N || N <- numbers(), is_float(N)],
    Opts = [[], [short], [compact], [{decimals, 0}], [{decimals, 4}], [{decimals, 4}, compact], [{scientific, 3}], [{scientific, -1}],
            [{decimals, 253}], [{decimals, 254}], [{decimals, -1}], [{decimals, a}], [foo], [short | x], foo, [{decimals, 2}, short],
            [short, {decimals, 2}], [{scientific, 249}], [{scientific, 250}], [{foo, 1}]],
    Strs = ["0", "1", "-1", "+1", "12345678901234567890", "-1152921504606846976", "1152921504606846976", "", "-", "+", "1x", " 1",
            "00000000000000000000000000000000001", "zz", "ZZ", "1.5", "-1.5e10", "1.5e", "1.5e+", "+3.25e-2rest", "1.", ".5", "1,5", "1e5",
            "1.0e400", "1.0e-400", "2.3ee", "--1", lists:duplicate(200, $9), "1.5" ++ [0] ++ "x", [305], [$1, a], [$1 | $2], [a], x, 17],
    Bins = [list_to_binary(S) || S <- Strs, is_list(S), S =/= [305], S =/= [$1, a], S =/= [$1 | $2], S =/= [a]]
        ++ [<<1:1>>, <<"12", 1:1>>, x],
    each1(erlang, [integer_to_list, integer_to_binary], Ints ++ [1.0, a])
        ++ [{erlang, F, [N, B]} || F <- [integer_to_list, integer_to_binary], N <- Ints ++ [a], B <- [2, 3, 10, 16, 36, 1, 37, a, 1.0], erlang:phash2({N, B}, 3) =:= 0]
        ++ each1(erlang, [list_to_integer, list_to_float], Strs) ++ each1(string, [list_to_integer, list_to_float], Strs)
        ++ [{erlang, list_to_integer, [S, B]} || S <- Strs, B <- [2, 16, 36, 1, 37, a]]
        ++ each1(erlang, [binary_to_integer, binary_to_float], Bins)
        ++ [{erlang, binary_to_integer, [S, B]} || S <- Bins, B <- [2, 16, 36, 37]]
        ++ each1(erlang, [float_to_list, float_to_binary], Floats ++ [1, a])
        ++ [{erlang, F, [X, O]} || F <- [float_to_list, float_to_binary], X <- Floats ++ [1], O <- Opts].

math() ->
    Ns = numbers() ++ [a],
    each1(math, [acos, acosh, asin, asinh, atan, atanh, ceil, cos, cosh, erf, erfc, exp, floor, log, log10, log2, sin, sinh, sqrt, tan, tanh], Ns)
        ++ [{math, F, [A, B]} || F <- [atan2, fmod, pow], A <- Ns, B <- [0, 2, -1.5, a, 1 bsl 1024, 0.0, 3.0e200]].

bins() ->
    B300 = << <<(I * 7)>> || I <- lists:seq(1, 300) >>,
    [<<>>, <<1>>, <<1, 2, 3>>, <<1:1>>, <<1, 2, 5:3>>, binary:copy(<<"ab">>, 32), binary:copy(<<"ab">>, 33), B300, <<B300/binary, 3:5>>, a, "abc"].

binaries() ->
    Bs = bins(),
    Ints = [0, 1, 2, 3, 64, 66, 299, 300, 301, -1, -2, -300, a, 1.0, 1 bsl 62, 1 bsl 70, -(1 bsl 63)],
    each1(erlang, [byte_size, bit_size, size, binary_to_list, bitstring_to_list], Bs ++ [{}, {a, b}])
        ++ [{erlang, split_binary, [B, N]} || B <- Bs, N <- Ints]
        ++ [{M, F, [B, P, L]} || {M, F} <- [{erlang, binary_part}, {binary, part}], B <- Bs, P <- Ints, L <- Ints, erlang:phash2({M, B, P, L}, 6) =:= 0]
        ++ [{M, F, [B, P]} || {M, F} <- [{erlang, binary_part}, {binary, part}], B <- Bs, P <- [{0, 0}, {0, 1}, {1, -1}, {1}, a, {3, -3}]]
        ++ [{erlang, binary_to_list, [B, S, E]} || B <- Bs, S <- [0, 1, 2, 65, a], E <- [0, 1, 3, 64, 300, 301, 1 bsl 64]]
        ++ [{binary, at, [B, N]} || B <- Bs, N <- Ints]
        ++ each1(binary, [first, last, copy, encode_unsigned, decode_unsigned], Bs ++ [N || N <- numbers(), is_integer(N)])
        ++ [{binary, copy, [B, N]} || B <- Bs, N <- [0, 1, 2, 40, -1, a]]
        ++ [{binary, F, [B, E]} || F <- [encode_unsigned, decode_unsigned], B <- Bs ++ [0, 300, 1 bsl 64, (1 bsl 70) + 5], E <- [big, little, native]]
        ++ [{binary, F, [L]} || F <- [longest_common_prefix, longest_common_suffix],
                                L <- [[], [<<>>], [<<"abc">>], [<<"abcd">>, <<"abd">>], [<<"xbc">>, <<"abc">>, <<"bc">>], [<<"a">>, <<1:1>>], [a], a, [<<"a">> | b]]].

search() ->
    Text = <<"the quick brown fox jumps over the lazy dog, then the fox sleeps">>,
    Subjects = [<<>>, <<"a">>, <<"aaaa">>, Text, <<0:3, Text/binary, 0:5>>, binary:copy(Text, 5), <<1:1>>, a,
                begin <<_:3, R:30/binary, _/bitstring>> = <<0:3, Text/binary, 0:5>>, R end],
    Patterns = [<<"a">>, <<"the">>, <<"fox">>, <<"aa">>, <<" ">>, <<>>, <<"no such thing">>, [<<"the">>, <<"then">>], [<<"quick">>, <<"ick brown">>],
                [<<"a">>, <<"aa">>, <<"aaa">>], [<<"x">>], [], [<<>>], [a], a, [<<"o">>, <<"e">>, <<" ">>], [<<"abc">> | a], {bm, x}, {ac, make},
                [<<"he quick">>, <<"e qui">>, <<"quick b">>, <<"ck">>], <<1:3>>],
    Opts = [[], [{scope, {0, 5}}], [{scope, {3, 30}}], [{scope, {10, -5}}], [{scope, {0, 1000}}], [{scope, {-1, 2}}], [{scope, {4, 0}}], [a], a, [{scope, a}], [{scope, {0, 0}}]],
    SplitOpts = [[], [global], [global, trim], [global, trim_all], [trim], [trim_all], [{scope, {4, 20}}, global], [bad], [global | x], x],
    [{binary, F, [S, P]} || F <- [match, matches, split], S <- Subjects, P <- Patterns]
        ++ [{binary, F, [S, P, O]} || F <- [match, matches], S <- Subjects, P <- Patterns, O <- Opts, erlang:phash2({F, S, P, O}, 8) =:= 0]
        ++ [{binary, split, [S, P, O]} || S <- Subjects, P <- Patterns, O <- SplitOpts, erlang:phash2({S, P, O}, 4) =:= 0]
        ++ [{binary, split, [S, <<"a">>, O]} || S <- [<<"a">>, <<"aba">>, <<"aab">>, <<"baa">>, <<"aaa">>, <<"xay">>], O <- SplitOpts].

lists_to() ->
    Big = binary:copy(<<"0123456789">>, 30),
    Ls = [[], [1], [1, 2, 3], [256], [-1], [a], [1 | <<"x">>], [1 | 2], [[1, [2, [3]]], <<4, 5>>, [] | <<6>>], [<<1:1>>], [<<>>, []], <<>>, <<"bin">>, <<1:1>>,
          [Big, 1, Big], [1, 2, Big], [lists:duplicate(300, $a), Big, <<"tail">>], [Big | Big], [<<1:3>>, <<2:5>>], [1, <<1:1>>, 2, <<3:9>>, Big, <<1:7>>],
          [<<1:7>>, lists:duplicate(40, 255) | <<1:1>>], a, [[[[[]]]]], [1, [a]], [<<5:4>> | <<Big/binary, 3:3>>], lists:seq(0, 255),
          [binary:copy(<<"z">>, 256), 1, binary:copy(<<"y">>, 255), binary:copy(<<"w">>, 600), 5], [lists:duplicate(250, 7), binary:copy(<<"q">>, 900)],
          [X || <<X:100/binary>> <= binary:copy(Big, 20)]],
    each1(erlang, [list_to_binary, iolist_to_binary, iolist_size, iolist_to_iovec, list_to_bitstring], Ls) ++ each1(binary, [list_to_bin], Ls).

checksums() ->
    Ds = [[], <<>>, <<"abc">>, "abc", ["a", <<"b">>, [99]], lists:duplicate(200, $x), [a], a, <<1:1>>, [256], binary:copy(<<"0123456789">>, 40)],
    each1(erlang, [crc32, adler32, md5], Ds)
        ++ [{erlang, F, [S, D]} || F <- [crc32, adler32], S <- [0, 1, 16#ffffffff, 16#100000000, -1, a], D <- [<<"abc">>, "x", [], a]]
        ++ [{erlang, F, [A, B, N]} || F <- [crc32_combine, adler32_combine], A <- [1, 16#12345678], B <- [1, 16#87654321, -1], N <- [0, 3, 100000, a]]
        ++ each1(erlang, [md5_final], [<<>>, a]).

etf() ->
    Ts = [0, 1 bsl 70, -1.5, a, [], [1, 2], "abc", {}, {a, [b]}, #{a => 1}, maps:from_list([{I, I} || I <- lists:seq(1, 50)]), <<1, 2, 3>>, <<1:3>>,
          binary:copy(<<"x">>, 100), [binary:copy(<<"x">>, 100), <<(binary:copy(<<"y">>, 70))/binary, 5:3>>], fun lists:map/2, lists:seq(1, 400),
          [{I, [I], #{I => "text"}} || I <- lists:seq(1, 40)], lists:duplicate(300, abc)],
    Opts = [[], [compressed], [{compressed, 0}], [{compressed, 9}], [{compressed, 10}], [{minor_version, 0}], [{minor_version, 2}], [{minor_version, 3}],
            [deterministic], [deterministic, compressed], [bad], bad, [compressed | x]],
    Bins = [term_to_binary(T) || T <- Ts] ++ [term_to_binary(T, [compressed]) || T <- Ts] ++ [<<>>, <<131>>, <<130, 97, 1>>, <<131, 97>>, <<131, 97, 1, 2, 3>>, a, <<131, 97, 1, 1:1>>],
    each1(erlang, [term_to_binary, term_to_iovec, external_size], Ts)
        ++ [{erlang, F, [T, O]} || F <- [term_to_binary, term_to_iovec], T <- Ts, O <- Opts]
        ++ [{erlang, external_size, [T, O]} || T <- Ts, O <- [[], [{minor_version, 0}], [{minor_version, 1}], [{minor_version, 2}], x]]
        ++ each1(erlang, [binary_to_term], Bins)
        ++ [{erlang, binary_to_term, [B, O]} || B <- Bins, O <- [[], [used], [safe], [safe, used], [x], x],
               not is_list(O) orelse not lists:member(safe, O) orelse B =/= term_to_binary(fun lists:map/2)]
        ++ [{erts_debug, dist_ext_to_term, [C, B]} || C <- [{}, {ok, error}, x], B <- [<<131, 82, 1>>, <<131, 97, 1>>, <<82, 0>>, <<>>]].
