%% Recursive parsers whose match context is carried from call to call.
-module(bin_match_loop).
-export([run/0]).
-include("diff.hrl").

run() ->
    [sum(<<1, 2, 3, 250>>, 0), words(<<"the quick  brown fox">>), lines(<<"a\nbb\n\nccc">>, <<>>),
        tlv(<<1, 2, "ab", 2, 0, 3, 3, "xyz">>), ?TRY(tlv(<<1, 5, 1>>)), bits(<<16#a5>>),
        rev(<<"hello">>), pairs(<<1, 2, 3, 4, 5>>), hexd(<<16#dead:16>>), count(<<0:800>>, 0),
        csv(<<"a,b,\"c,d\",e">>), num(<<"12345rest">>, 0), back(<<"abc">>, []),
        leb(<<16#e5, 16#8e, 16#26, 1>>), two(<<"abcd">>, <<"wxyz">>)].
sum(<<X, R/binary>>, A) -> sum(R, A + X);
sum(<<>>, A) -> A.
words(B) -> words(B, <<>>, []).
words(<<$ , R/binary>>, <<>>, L) -> words(R, <<>>, L);
words(<<$ , R/binary>>, W, L) -> words(R, <<>>, [W | L]);
words(<<C, R/binary>>, W, L) -> words(R, <<W/binary, C>>, L);
words(<<>>, W, L) -> lists:reverse([W | L], []).
lines(<<$\n, R/binary>>, A) -> [A | lines(R, <<>>)];
lines(<<C, R/binary>>, A) -> lines(R, <<A/binary, C>>);
lines(<<>>, A) -> [A].
tlv(<<T, L, V:L/binary, R/binary>>) -> [{T, V} | tlv(R)];
tlv(<<>>) -> [].
bits(<<B:1, R/bits>>) -> [B | bits(R)];
bits(<<>>) -> [].
rev(B) -> rev(B, <<>>).
rev(<<C, R/bytes>>, A) -> rev(R, <<C, A/bytes>>);
rev(<<>>, A) -> A.
pairs(<<A, B, R/binary>>) -> [{A, B} | pairs(R)];
pairs(R) -> [R].
hexd(<<N:4, R/bits>>) when N < 10 -> [$0 + N | hexd(R)];
hexd(<<N:4, R/bits>>) -> [$a + N - 10 | hexd(R)];
hexd(<<>>) -> [].
count(<<_:7, R/bits>>, N) -> count(R, N + 1);
count(R, N) -> {N, R}.
csv(B) -> csv(B, <<>>, out).
csv(<<$", R/binary>>, A, out) -> csv(R, A, in);
csv(<<$", R/binary>>, A, in) -> csv(R, A, out);
csv(<<$,, R/binary>>, A, out) -> [A | csv(R, <<>>, out)];
csv(<<C, R/binary>>, A, S) -> csv(R, <<A/binary, C>>, S);
csv(<<>>, A, _) -> [A].
num(<<C, R/binary>>, N) when C >= $0, C =< $9 -> num(R, N * 10 + C - $0);
num(R, N) -> {N, R}.
back(<<C, R/binary>> = All, Acc) -> back(R, [{C, All} | Acc]);
back(<<>>, Acc) -> Acc.
leb(B) -> leb(B, 0, 0).
leb(<<1:1, X:7, R/bits>>, S, A) -> leb(R, S + 7, A bor (X bsl S));
leb(<<0:1, X:7, R/bits>>, S, A) -> {A bor (X bsl S), R}.
two(<<A, R/binary>>, <<B, S/binary>>) -> [{A, B} | two(R, S)];
two(<<>>, <<>>) -> [].
