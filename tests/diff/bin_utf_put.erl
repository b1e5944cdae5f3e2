%% utf8, utf16 and utf32 segments written, with code points that are none.
-module(bin_utf_put).
-export([run/0]).
-include("diff.hrl").

run() ->
    Cs = [0, $a, 127, 128, 255, 16#7ff, 16#800, 16#d7ff, 16#d800, 16#dfff, 16#e000, 16#fffd,
        16#fffe, 16#ffff, 16#10000, 16#10ffff, 16#110000, -1, a, 1 bsl 70],
    [[C | [?TRY(F(C)) || F <- [fun c8/1, fun c16/1, fun c16l/1, fun c32/1, fun c32l/1, fun off/1]]]
        || C <- Cs].
c8(C) -> <<C/utf8>>.
c16(C) -> <<C/utf16>>.
c16l(C) -> <<C/utf16-little>>.
c32(C) -> <<C/utf32>>.
c32l(C) -> <<C/utf32-little>>.
off(C) -> <<1:3, C/utf8, 2:5>>.
