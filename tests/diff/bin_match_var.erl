%% Sizes taken from earlier fields, from maps, from arithmetic; units; skips; repeated variables.
-module(bin_match_var).
-export([run/0]).
-include("diff.hrl").

run() ->
    [f(B) || B <- [<<3, "abcdef">>, <<0>>, <<200, 1>>, <<1:4, 10:12, 1023:10, 5:6>>]]
        ++ [g(#{n => 2}, <<"wxyz">>), h(<<2, 3, "aabbb", "tail">>), u(<<4:8, 16#12345678:32, 9>>),
            sk(<<1, 2, 3, 4, 5>>, 2), sk(<<1>>, 2), rep(<<7, 7, 1>>), rep(<<7, 8, 1>>),
            ar(<<2, "abcdef">>), neg(<<1, 2, 3>>), z(<<5, 1, 2, 3>>), all(<<1, 2, 3, 4>>),
            same(<<"ab">>, <<"abab">>), lit(<<1, 2, 3, 4, 5>>)].
f(<<N, S:N/binary, R/binary>>) -> {N, S, R};
f(<<A:4, N:12, X:N, R/bits>>) -> {A, N, X, R};
f(B) -> {none, B}.
g(M, B) -> #{n := N} = M, <<X:N/binary, R/binary>> = B, {X, R}.
h(<<A, B, X:A/binary, Y:B/binary, R/binary>>) -> {X, Y, R}.
u(<<N, X:N/unit:8, R/binary>>) -> {X, R}.
sk(<<_:16, R/binary>>, _) -> R;
sk(B, N) -> case B of <<_:N/binary, R/binary>> -> R; _ -> short end.
rep(<<X, X, _>>) -> {same, X};
rep(<<X, Y, _>>) -> {differ, X, Y}.
ar(<<N, X:(N * 2)/binary, R/binary>>) -> {X, R}.
neg(<<N, X:(N - 2)/binary, R/binary>>) -> {X, R};
neg(_) -> negative.
z(<<N, R/binary>>) -> case R of <<X:N/binary>> -> X; <<X:(N - 2)/binary>> -> {less, X}; _ -> no end.
all(<<A:2/binary, B/binary-unit:16>>) -> {A, B}.
same(A, B) ->
    N = byte_size(A), case B of <<A:N/binary, A:N/binary>> -> twice;
        <<A:N/binary, _/binary>> -> once; _ -> none end.
lit(<<1, 2:8, 3:8/little, X:16>>) -> X.
