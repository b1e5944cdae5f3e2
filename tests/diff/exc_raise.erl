%% erlang:raise/3 with good, odd and wrong stack traces, and rethrow that keeps the first one.
-module(exc_raise).
-export([run/0]).
-include("diff.hrl").

run() ->
    St = [{m, f, 1, [{file, "x.erl"}, {line, 7}]}, {m, g, [a, b], []}],
    [?TRACE(erlang:raise(C, why, St)) || C <- [error, exit, throw]]
     ++ [?TRY(raise(C, S)) || C <- [error, bogus, 1], S <- [[], x, [x], [{m, f, 1}],
         [{m, f, 1, bad}], [{fun() -> ok end, [], []}], [{m, f, [a | b], []}], [{m, "f", 1, []}],
         [{m, f, -1, []}], [{m, f, 1, [{line, x}]}], [{m, f, 1, []} | tail]]]
     ++ [?TRACE(re(?ID(1))), ?TRACE(re2(?ID(1))), ?TRACE(change_class(?ID(1))),
         ?TRACE(after_keeps(?ID(1))), ?TRACE(nested_raise())].
raise(C, S) ->
    try erlang:raise(C, r, S) of V -> {value, V} catch C2:R:S2 -> {caught, C2, R,
        diff_runner:trace(S2)} end.
re(X) -> try f(X) catch error:R:S -> erlang:raise(error, {wrapped, R}, S) end.
re2(X) -> try f(X) catch C:R:S when R =/= x -> erlang:raise(C, R, S) end.
change_class(X) -> try f(X) catch error:R:S -> erlang:raise(exit, R, S) end.
after_keeps(X) -> try f(X) after put(k, v) end.
nested_raise() ->
    try try f(?ID(1)) catch error:_ -> g(2) end catch error:R:S -> erlang:raise(error, {outer, R},
        S) end.
f(X) -> 1 + h(X).
g(X) -> 2 + h(X).
h(X) -> error({h, X}).
