%% Matching with the optimisations of match contexts switched off.
-module(old_erl_match).
-export([run/0]).
-include("diff.hrl").

-compile([no_bsm_opt, no_bsm4, no_ssa_opt, no_copt, no_postopt, no_type_opt]).
run() ->
    [sum(<<1, 2, 3, 4, 5>>, 0), f(<<1, "abc", 9>>), f(<<2, 1:16/little, -1:8>>),
        f(<<3, 1.5/float, 7:3>>), f(<<4, "é"/utf8, 0>>), f(<<5>>), f(<<6:6>>), f(x), g(<<1, 2, 3>>),
        g({<<1>>}), ?TRACE(h(?ID(<<1>>))), [X || <<X:4, 0:4>> <= <<16#10, 16#20, 16#33, 16#40>>]].
sum(<<X, R/binary>>, A) -> sum(R, A + X);
sum(<<>>, A) -> A.
f(<<1, A:3/binary, B>>) -> {A, B};
f(<<2, A:16/little, B/signed>>) -> {A, B};
f(<<3, F/float, R/bits>>) -> {F, R};
f(<<4, C/utf8, R/binary>>) -> {C, R};
f(<<X>>) -> {byte, X};
f(B) when is_bitstring(B) -> {bits, B};
f(X) -> X.
g(<<A, R/binary>> = B) -> {A, R, B, byte_size(B)};
g({<<A>>}) -> A.
h(<<A:16>>) -> A.
