%% Binary construction compiled without bs_create_bin: all types, sizes and failures through the old instructions.
-module(old_erl_bits).
-export([run/0]).
-include("diff.hrl").

-compile([no_bs_create_bin, no_type_opt]).
run() ->
    B = ?ID(<<"hello">>), S = ?ID(<<5:3>>), N = ?ID(3), I = ?ID(-1234567),
    [<<I>>, <<I:16>>, <<I:24/little>>, <<I:N>>, <<I:N/unit:9>>, <<1:3, I:13/little, B/binary>>,
        <<B/binary, I:32>>, <<B/binary>>, <<B:N/binary, S/bits>>, <<S/bits, B/bits, S/bits>>,
        <<(?ID(1.5))/float>>, <<(?ID(1.5)):32/float-little>>, <<(?ID(3)):16/float>>,
        <<"str", N, "ing">>, <<N/utf8, 8364/utf16, (?ID(66000))/utf16-little, N/utf32>>,
        << <<X:N>> || X <- [1, 2, 3] >>, << <<X, N>> || <<X>> <= B >>, app(<<>>, 50),
        <<(<<N>>)/binary, I:8>>]
     ++ [?TRY(F()) || F <- [fun() -> <<(?ID(a))>> end, fun() -> <<B:9/binary>> end,
         fun() -> <<S/binary>> end, fun() -> <<1:(?ID(-1))>> end, fun() -> <<(?ID(x))/utf8>> end,
         fun() -> <<(?ID(16#d800))/utf16>> end, fun() -> <<(?ID(a))/float>> end,
         fun() -> <<(?ID(a)):N, B/binary>> end, fun() -> <<B/binary, (?ID(a))>> end,
         fun() -> <<(?ID(a))/binary, 1>> end, fun() -> <<1:(?ID(a))>> end,
         fun() -> <<1.0:(?ID(17))/float>> end, fun() -> <<B:(?ID(-1))/binary>> end,
         fun() -> <<(?ID(1 bsl 1024))/float>> end]].
app(B, 0) -> B;
app(B, N) -> app(<<B/binary, N:12, 0:4>>, N - 1).
