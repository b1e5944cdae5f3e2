%% List comprehensions: several generators, filters of every kind, patterns, shadowing.
-module(list_comp).
-export([run/0]).
-include("diff.hrl").

run() ->
    L = [1, {a, 2}, b, {a, 3}, {c, 4}, 5.0, {a}],
    [[X || {a, X} <- L], [X || X <- L, is_tuple(X)], [{X, Y} || X <- [1, 2, 3], Y <- [a, b],
        X =/= 2], [X || X <- L, element(1, X) =:= a], [[Y || Y <- X] || X <- [[1], [], [2, 3]]],
     [X || <<X>> <= <<"abc">>], [{A, B} || <<A:4, B:4>> <= <<16#12, 16#34, 5>>],
     << <<(X * 2)>> || X <- [1, 2, 3] >>, << <<X:3>> || <<X:2>> <= <<16#e4>> >>,
     [X || X <- [], X > 1],
     [X + Y || X <- [1, 2], Y <- [10 * X, 100 * X], (X + Y) rem 2 =:= 0],
     [F(3) || F <- [fun(X) -> X + K end || K <- [1, 2, 3]]],
     ?TRY([X || X <- ?ID(a)]), ?TRY([X || X <- ?ID([1 | 2])]), ?TRY([X || <<X>> <= ?ID(a)]),
     ?TRY([X || X <- [1, 2], ?ID(foo)]), ?TRY([X || X <- [1], begin throw(x) end]),
     [X || X <- [true, false, true], X],
     << <<X/binary, 0>> || X <- [<<"a">>, <<"bc">>] >>, ?TRY(<< <<X/binary>> || X <- [<<1>>, b] >>),
     [X || <<1, X>> <= <<1, 2, 2, 3, 1, 4>>], [X || <<X/utf8>> <= <<"hé→"/utf8>>],
     [X || #{k := X} <- [#{k => 1}, #{j => 2}, #{k => 3}]]].
