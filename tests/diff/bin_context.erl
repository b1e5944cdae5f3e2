%% The match context used as a value again: stored, passed on, compared, matched from the start.
-module(bin_context).
-export([run/0]).
-include("diff.hrl").

run() ->
    [a(<<1, 2, 3>>), b(<<"hello world">>), c(<<5, "abcde", "x">>, []), d(<<1, 1, 2, 3>>),
        e(<<"a,b,c">>), f(<<0:4, 255:8, 1:4>>), g(<<1, 2, 3, 4>>, 0), h(<<"key: value">>)].
a(<<X, R/binary>> = B) when X < 2 -> {B, R, a(R)};
a(<<_, R/binary>> = B) -> [byte_size(B), byte_size(R), B =:= R];
a(B) -> B.
b(B) -> b(B, 0, B).
b(<<$ , R/binary>>, N, All) -> <<H:N/binary, _/binary>> = All, {H, R, All};
b(<<_, R/binary>>, N, All) -> b(R, N + 1, All).
c(<<N, R/binary>>, A) when byte_size(R) >= N -> <<X:N/binary, T/binary>> = R, c(T, [X, R | A]);
c(R, A) -> {R, A}.
d(<<A, R/binary>>) ->
    case R of <<A, S/binary>> -> {same, d(S)}; <<B, S/binary>> -> {A, B, d(S)}; <<>> -> A end;
d(<<>>) -> [].
e(B) -> case B of <<X, $,, R/binary>> -> [X | e(R)]; <<X>> -> [X]; _ -> [B] end.
f(<<_:4, R/bits>>) -> <<X, S/bits>> = R, {X, S, R, bit_size(R)}.
g(<<X, R/binary>> = B, N) ->
    self() ! {N, B}, case N of 2 -> receive {0, M} -> {M, X, R} end; _ -> g(R, N + 1) end.
h(B) -> h(B, <<>>).
h(<<": ", V/binary>>, K) -> {K, V};
h(<<C, R/binary>>, K) -> h(R, <<K/binary, C>>).
