%% utf8, utf16 and utf32 segments matched: truncated, overlong, surrogates, beyond the last plane.
-module(bin_utf_get).
-export([run/0]).
-include("diff.hrl").

run() ->
    [{B, m8(B), m16(B), m32(B), m8(<<B/bits, 1>>)} || B <- ?ID([<<>>, <<"a">>, <<16#c3, 16#a9>>,
        <<16#c3>>, <<16#c0, 16#80>>, <<16#e2, 16#82, 16#ac>>, <<16#e2, 16#82>>,
        <<16#ed, 16#a0, 16#80>>, <<16#f0, 16#9f, 16#98, 16#80>>, <<16#f4, 16#90, 16#80, 16#80>>,
        <<16#f8, 0, 0, 0, 0>>, <<16#80>>, <<16#fe, 16#ff>>, <<16#d8, 16#3d, 16#de, 16#00>>,
        <<16#d8, 16#3d, 0, $a>>, <<16#de, 16#00>>, <<16#d8, 16#3d>>, <<0, 0, 0, $a>>,
        <<0, 16#11, 0, 0>>, <<0, 0, 16#d8, 0>>, <<$a, 0, 0, 0>>, <<1:7>>])].
m8(B) -> case B of <<C/utf8, R/bits>> -> {C, R}; _ -> no end.
m16(B) ->
    {case B of <<C/utf16, R/bits>> -> {C, R}; _ -> no end,
        case B of <<C/utf16-little, _/bits>> -> C; _ -> no end}.
m32(B) ->
    {case B of <<C/utf32, R/bits>> -> {C, R}; _ -> no end,
        case B of <<C/utf32-little, _/bits>> -> C; _ -> no end}.
