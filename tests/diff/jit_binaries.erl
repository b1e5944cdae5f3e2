%% Reading binaries and maps in machine code: fields at whole bytes, in one load and in several, beside
%% those that cross bytes, that are too short, large or of the other order; heap, shared and sub
%% binaries; keys where the last map had them and elsewhere; constants and terms for keys.
%% diff: full
%% diff: flags --backend=jit --jit-threshold=0
-module(jit_binaries).
-export([run/0]).
-include("diff.hrl").

run() ->
    [[[?TRY(read(N, B)) || N <- lists:seq(1, 24)] || B <- binaries()],
        [{is_binary(B), kind(B)} || B <- binaries() ++ [a, [], {}, 1 bsl 70]],
        [[?TRY(get(N, M)) || M <- maps() ++ maps()] || N <- lists:seq(1, 7)],
        [{A =:= B, not (A =:= B), not_(A)} || A <- terms(), B <- terms()],
        built(3000)].

binaries() ->
    All = << <<(X * 37 + 129)>> || X <- lists:seq(1, 100) >>,
    <<_:3, Odd:16/binary, _/bits>> = All,
    <<_:24, Even:20/binary, _/bits>> = All,
    [<<>>, <<255>>, <<1:1>>, <<5:11>>, <<"abcdefg">>, <<"abcdefgh">>, <<"0123456789abcdef">>, <<1:70>>, <<"a", 195, 164, "z">>,
        <<-1:128>>, All, Odd, Even].

read(1, <<A, B/bits>>) -> {A, B};
read(2, <<A:16, B:16/little, _/bits>>) -> {A, B};
read(3, <<A:32/signed, B:32/little-signed, C/bits>>) -> {A, B, C};
read(4, <<A:6, B:6, C:6, D:6, R/bits>>) -> [A, B, C, D, R];
read(5, <<A:1, _:3, B:4/signed, C:59, D:5, _/bits>>) -> [A, B, C, D];
read(6, <<A:24/signed, B:40, C:48/little, D:56/signed-little, _/bits>>) -> [A, B, C, D];
read(7, <<A:64, _/bits>>) -> A;
read(8, <<A:59/signed, B:5, _/bits>>) -> {A, B};
read(9, <<_:5, A:8, B:16/signed, R/bits>>) -> {A, B, R};
read(10, <<"abcdefgh">>) -> eight;
read(10, <<"abc", R/bits>>) -> {three, R};
read(10, <<"0123456789ab", R/bits>>) -> {twelve, R};
read(11, <<A, B, R/binary>>) -> {A, B, byte_size(R)};
read(12, <<_:16, R/bits>>) -> bit_size(R);
read(13, <<A/utf8, B/utf8, R/bits>>) -> [A, B, R];
read(14, B) -> sum(B, 0);
read(15, B) -> [X || <<X>> <= B];
read(16, B) -> [X || <<X:3>> <= B];
read(17, B) -> [{X, Y} || <<X:12/little, Y:12/signed>> <= B];
read(18, <<N, R:N/binary, _/bits>>) -> R;
read(19, <<A:8/float-unit:8, _/bits>>) -> A;
read(20, <<A:4, R/bits>>) -> {A, sum(R, 0), read(13, R)};
read(21, <<A:20/signed, B:7, C:31, D:27/signed, E:28, _/bits>>) -> [A, B, C, D, E];
read(22, <<_:9, "abc", _/bits>>) -> yes;
read(23, <<A:16/native, B:32/signed-native, _/bits>>) -> {A, B};
read(24, <<_:3, A:58, B:59, _/bits>>) -> {A, B}.

sum(<<A, R/binary>>, S) -> sum(R, (S * 31 + A) band 16#ffffff);
sum(<<>>, S) -> S;
sum(R, S) -> {R, S}.

kind(<<_:8, _/binary>>) -> bytes;
kind(<<>>) -> nothing;
kind(X) when is_binary(X) -> binary;
kind(X) when is_bitstring(X) -> bits;
kind(_) -> other.

maps() ->
    [#{}, #{a => 1}, #{b => 2}, #{a => 1, b => 2}, #{0 => z, a => 1, b => 2, c => 3, "k" => 4, <<"k">> => 5},
        maps:from_list([{K, K * K} || K <- lists:seq(1, 32)]), maps:from_list([{K, K} || K <- [a, b, c, "k" | lists:seq(1, 50)]]),
        #{1 bsl 58 => big, 1 bsl 40 => middle, 1 => small, 1.0 => float, a => 7, c => 0}, not_a_map].

get(1, #{a := A}) -> A;
get(2, #{a := A, b := B}) -> {A, B};
get(3, #{a := M, b := N} = M0) -> [M, N, map_size(M0)];
get(4, #{"k" := K, <<"k">> := L}) -> {K, L};
get(5, #{1 bsl 58 := K, 1 bsl 40 := L, 1 := M}) -> {K, L, M};
get(6, M) -> [V || K <- [1, 1.0, a, b, 31, 32, "k"], #{K := V} <- [M]];
get(7, #{a := A, b := B, c := C, 0 := D, "k" := E, <<"k">> := F}) -> [A, B, C, D, E, F].

terms() -> [true, false, 1, 1.0, [1], [1], {a}, {a}, <<"x">>, <<"x">>, [], a, 1 bsl 70, 1 bsl 70, self() =:= self()].
not_(X) -> ?TRY(not X).

%% Collections between making a context and reading on.
built(N) -> erlang:phash2(built(N, <<0, 7:13, 255:32, "rest">>, [])).
built(0, _, Acc) -> Acc;
built(N, <<A, B:13, C:32, R/bits>> = All, Acc) -> built(N - 1, All, [{A, B, C, R, N} | Acc]).
