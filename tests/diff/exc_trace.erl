%% Stack traces: which frames, with which arity or arguments, on which lines.
-module(exc_trace).
-export([run/0]).
-include("diff.hrl").

run() ->
    [?TRACE(a(?ID(1))), ?TRACE(fc(?ID(x), ?ID(y))), ?TRACE(tail(5)), ?TRACE(body(5)),
        ?TRACE(infun(?ID(3))), ?TRACE(lib()), ?TRACE(undef1()), ?TRACE(?ID(exc_trace):nope(1, 2)),
        ?TRACE(badfun(?ID(7))), ?TRACE(badarity()), ?TRACE(cc(?ID(9))), ?TRACE(ii(?ID(9))),
        ?TRACE(tt(?ID(9))), ?TRACE(bm(?ID(9))), ?TRACE(erl(7)), ?TRACE(erl(?ID({7, [x]}))),
        ?TRACE(many(30)), ?TRACE(guardbif(?ID(a)))].
a(X) ->
    b(X) + 1.
b(X) ->
    Y = c(X),
    Y + 1.
c(1) ->
    error(oops);
c(_) -> 0.
fc(a, _) -> 1.
tail(0) -> error(tail);
tail(N) -> tail(N - 1).
body(0) -> error(body);
body(N) -> [body(N - 1)].
infun(X) -> F = fun(Y) -> Z = X + Y, error({in, Z}) end, [F(2)].
lib() -> [atom_to_list(?ID(1))].
undef1() -> [no_such_module_x:f(1)].
badfun(F) -> [F(1)].
badarity() -> F = ?ID(fun(_) -> 1 end), [F(1, 2)].
cc(X) -> case X of 1 -> 2 end.
ii(X) -> if X =:= 1 -> 2 end.
tt(X) -> try X of 1 -> 2 catch _ -> 3 end.
bm(X) -> {ok, _} = X.
erl(X) -> erlang:error(why, [X, extra]).
many(0) -> hd(?ID([]));
many(N) -> 1 + many(N - 1).
guardbif(X) -> [tuple_size(X)].
