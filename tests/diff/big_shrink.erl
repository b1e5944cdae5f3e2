%% Results that fall back from big to small are exactly equal to the small, and hash as it.
-module(big_shrink).
-export([run/0]).
-include("diff.hrl").

run() ->
    B = ?ID(1 bsl 100),
    Small = [B - B, B - (B - 1), B div B, B rem 3, (B + 5) - B, B bsr 100, B bsr 99, B band 255,
        B bxor B, -B + B + (1 bsl 59) - 1, (B * 2) div B,
             B - B - (1 bsl 59), B - B + (1 bsl 59), B - B + (1 bsl 63), B - B - (1 bsl 63) - 1],
    [{S, erlang:phash2(S), S =:= ?ID(S), is_integer(S), S == float_or(S)} || S <- Small].
float_or(S) -> try float(S) catch _:_ -> no end.
