%% Comparison inside structures: where the first difference decides, and 1 against 1.0 within.
-module(cmp_deep).
-export([run/0]).
-include("diff.hrl").

run() ->
    Ps = [{{1, 2}, {1, 2.0}}, {[1, [2, [3]]], [1, [2, [3.0]]]}, {#{a => [1]}, #{a => [1.0]}},
        {#{1 => a}, #{1.0 => a}}, {[a, b], [a, b, c]}, {[a, b | c], [a, b, c]}, {{a, b, c}, {z, y}},
        {<<1, 2, 3>>, <<1, 2>>}, {<<1, 2, 3:5>>, <<1, 2, 3:6>>}, {"abc", [97, 98, 99]},
        {{<<1>>, [#{}]}, {<<1>>, [#{}]}}, {[1 bsl 70, x], [1.1805916207174113e21, x]},
        {#{a => 1, b => 2}, #{a => 1, c => 0}}, {#{a => 3, b => 1}, #{a => 2, b => 9}},
        {#{1 => z, 2 => y}, #{1 => z, 1.5 => y}}, {long(1), long(2)}, {long(1), long(1)}],
    [{A < B, A =< B, A == B, A =:= B, A /= B, A =/= B, A > B, A >= B, max(A, B) =:= A,
        min(A, B) =:= A} || {A, B} <- Ps ++ [{B, A} || {A, B} <- Ps]].
long(X) -> [{I, <<I:64>>, [I]} || I <- diff_runner:seq(1, 500)] ++ [X].
