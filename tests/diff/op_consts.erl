%% Every kind of constant as an operand: of moves, calls, tests, sends, tuples, returns.
-module(op_consts).
-export([run/0]).
-include("diff.hrl").

run() ->
    [c(N) || N <- diff_runner:seq(1, 16)] ++ [t(X) || X <- [1, -1, 576460752303423487,
        576460752303423488, -576460752303423489, 1.5, a, [], "str", {1, a}, <<"b">>, #{k => 1},
        18446744073709551616, fun lists:map/2]] ++ [tup(), lst(), snd()].
c(1) -> 0;
c(2) -> -1;
c(3) -> 134217728;
c(4) -> 4294967296;
c(5) -> 576460752303423487;
c(6) -> 576460752303423488;
c(7) -> -576460752303423488;
c(8) -> -576460752303423489;
c(9) -> 340282366920938463463374607431768211456;
c(10) -> 1.0e-300;
c(11) -> 'long atom with spaces and ünïcode';
c(12) -> [];
c(13) -> <<0:17>>;
c(14) -> #{{a} => [b]};
c(15) -> fun erlang:'+'/2;
c(16) -> {[], {}, <<>>, #{}, "", ''}.
t(1) -> one;
t(-1) -> minus;
t(576460752303423487) -> maxsmall;
t(576460752303423488) -> bigger;
t(-576460752303423489) -> smaller;
t(1.5) -> flt;
t(a) -> atm;
t([]) -> nil;
t("str") -> str;
t({1, a}) -> tup;
t(<<"b">>) -> bin;
t(#{k := 1}) -> map;
t(18446744073709551616) -> big;
t(_) -> other.
tup() -> {1, a, [], "s", 1.5, <<"b">>, {x}, #{}, 1 bsl 70, ?ID(v)}.
lst() -> [1, a, [], "s", 1.5, <<"b">>, {x}, #{}, 1 bsl 70, ?ID(v) | tail].
snd() -> self() ! {const, "msg"}, self() ! 5, receive 5 -> receive X -> X end end.
