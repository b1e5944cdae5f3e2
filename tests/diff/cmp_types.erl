%% The order of all types, pair by pair: <, ==, =:= and the rest.
-module(cmp_types).
-export([run/0]).
-include("diff.hrl").

run() ->
    Vs = [-1, 0, 1.0, 1, 2.5, 1 bsl 70, a, b, '', 'aB', fun erlang:abs/1, fun lists:map/2, {}, {1},
        {0, 0}, {a}, #{}, #{a => 1}, #{a => 2}, #{b => 0}, [], [1], [1 | 2], [1, 2], "ab", <<>>,
        <<0>>, <<1:3>>, <<1>>, <<"ab">>, <<1:1>>],
    [{A, [ops(A, B) || B <- Vs]} || A <- Vs].
ops(A, B) -> bits([A < B, A =< B, A == B, A =:= B, A /= B, A =/= B, A > B, A >= B], 0).
bits([true | T], N) -> bits(T, N * 2 + 1);
bits([false | T], N) -> bits(T, N * 2);
bits([], N) -> N.
