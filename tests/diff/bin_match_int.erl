%% Matching integers: all widths, signs and endiannesses at aligned and unaligned offsets.
-module(bin_match_int).
-export([run/0]).
-include("diff.hrl").

run() ->
    Src = ?ID(<<16#81, 16#fe, 16#7d, 16#fc, 16#03, 16#9a, 16#00, 16#ff, 16#ee, 16#80, 16#01, 16#23,
        16#45, 16#67, 16#89, 16#ab, 16#cd, 16#ef>>),
    [{O, N, m(Src, O, N)} || O <- [0, 1, 4, 7, 8, 13], N <- [0, 1, 2, 7, 8, 9, 12, 15, 16, 17, 24,
        31, 32, 33, 48, 59, 60, 61, 63, 64, 65, 72, 100, 128]]
        ++ [fixed(Src), fixed2(Src), fixed3(Src)].
m(B, O, N) ->
    <<_:O, A:N, _/bits>> = B, <<_:O, C:N/signed, _/bits>> = B, <<_:O, D:N/little, _/bits>> = B,
    <<_:O, E:N/little-signed, _/bits>> = B, <<_:O, F:N/native, _/bits>> = B,
    {A, C, D, E, F}.
fixed(<<A:8, B:16, C:32, D:64, _/binary>>) -> {A, B, C, D}.
fixed2(<<A:8/signed, B:16/little, C:24/little-signed, D:32/signed, E:5, F:11/little, G:40,
    _/bits>>) -> {A, B, C, D, E, F, G}.
fixed3(<<A:1, B:2, C:3, D:4/signed, E:6/little, F:40/little, G:64/signed-little, R/bits>>) ->
    {A, B, C, D, E, F, G, R}.
