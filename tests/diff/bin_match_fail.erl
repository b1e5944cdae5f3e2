%% Matches that do not succeed: too short, wrong literal, wrong unit, wrong size values, not a binary.
-module(bin_match_fail).
-export([run/0]).
-include("diff.hrl").

run() ->
    [m(?ID(X)) || X <- [<<>>, <<1>>, <<1, 2>>, <<2, 1>>, <<3, 5, 1, 2, 3, 4, 5>>,
        <<3, 5, 1, 2, 3, 4>>, <<1:3>>, <<1:9>>, <<4, 7:7>>, a, [], 1, <<5, 0:16>>,
        <<6, 1, 2, 3, 4>>, <<6, 1, 2, 3>>, <<7, 250, 0>>, <<8, "abc">>, <<8, "abd">>]]
     ++ [?TRY(begin <<A:16>> = ?ID(<<1>>), A end), ?TRY(begin Z = ?ID(-1),
         <<A:Z, _/bits>> = ?ID(<<1>>), A end), ?TRY(begin Z = ?ID(a), <<A:Z, _/bits>> = ?ID(<<1>>),
         A end), ?TRY(begin Z = ?ID(1 bsl 70), <<A:Z, _/bits>> = ?ID(<<1>>), A end),
         ?TRY(begin Z = ?ID(1 bsl 62), <<A:Z/binary-unit:100, _/bits>> = ?ID(<<1>>), A end),
         ?TRY(begin Z = ?ID(33), <<A:Z/float>> = ?ID(<<1:33>>), A end),
         ?TRY(begin <<A/utf8>> = ?ID(<<255>>), A end)].
m(<<>>) -> empty;
m(<<1>>) -> one;
m(<<1, X>>) -> {one, X};
m(<<3, N, B:N/binary>>) -> {sized, B};
m(<<4, _/binary>>) -> bytes;
m(<<5, X:16/integer-signed>>) -> {five, X};
m(<<6, B/binary-unit:32>>) -> {w, B};
m(<<7, S:8/signed, _/bits>>) when S < 0 -> {neg, S};
m(<<8, "abc">>) -> abc;
m(<<A:3>>) -> {three, A};
m(<<_:9>>) -> nine;
m(B) when is_binary(B) -> {other, byte_size(B)};
m(B) when is_bitstring(B) -> {bits, bit_size(B)};
m(_) -> nobin.
