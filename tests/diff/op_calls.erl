%% Calls of every kind in body and tail position: local, external, BIF, guard BIF, fun, apply, with frames or without.
-module(op_calls).
-export([run/0]).
-include("diff.hrl").

-export([ext/2]).
run() ->
    F = fun(X) -> [X] end, [body(F), tail1(F, 1), tail2(1), tail3(2), tail4([1]), tail5(lists),
        tail6(F), tail7(x), mixed(3), bif_tail({a, b}), ?TRACE(bif_tail(x)), ?TRACE(tail4(x)),
        ?TRACE(tail3(a)), ?TRACE(body(z))].
body(F) ->
    A = loc(1), B = op_calls:ext(A, 2), C = length([A, B]), D = F(C), E = apply(F, [D]),
    G = apply(?MODULE, ext, [E, C]), H = lists:reverse([1, 2], []), I = erlang:list_to_tuple(H),
    {A, B, C, D, E, G, H, I}.
tail1(F, X) -> F(X).
tail2(X) -> ?MODULE:ext(X, 2).
tail3(X) -> abs(X).
tail4(X) -> Y = ?ID(X), lists:reverse(Y, []).
tail5(M) -> Y = ?ID([2]), apply(M, reverse, [Y, []]).
tail6(F) -> Y = ?ID(q), apply(F, [Y]).
tail7(X) -> Y = ?ID(X), loc(Y).
loc(X) -> {loc, X}.
ext(A, B) -> {ext, A, B}.
mixed(0) -> [];
mixed(N) -> [loc(N), tail1(fun(X) -> X * N end, N) | mixed(N - 1)].
bif_tail(T) -> Y = ?ID(T), tuple_to_list(Y).
