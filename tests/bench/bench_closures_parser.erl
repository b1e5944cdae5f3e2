%% A parser made of combinators, run over an arithmetic expression: closures that return closures.
-module(bench_closures_parser).
-export([run/1]).

run(N) -> In = "(1+2)*3-4*(5+6*(7-8))+99*2", E = expr(), repeat(N, E, In, 0).
repeat(0, _, _, S) -> S;
repeat(N, E, In, S) -> {V, []} = E(In), repeat(N - 1, E, In, (S + V) band 16#ffff).
expr() ->
    chain(fun(S) -> (term())(S) end, [{$+, fun(A, B) -> A + B end}, {$-, fun(A, B) -> A - B end}]).
term() -> chain(fun(S) -> (factor())(S) end, [{$*, fun(A, B) -> A * B end}]).
factor() ->
    alt(number(), fun([$( | T]) -> case (expr())(T) of {V, [$) | R]} -> {V, R}; _ -> fail end;
        (_) -> fail end).
number() ->
    map(many1(fun([D | T]) when D >= $0, D =< $9 -> {D - $0, T}; (_) -> fail end),
        fun(Ds) -> lists:foldl(fun(D, A) -> A * 10 + D end, 0, Ds) end).
alt(P, Q) -> fun(S) -> case P(S) of fail -> Q(S); R -> R end end.
map(P, F) -> fun(S) -> case P(S) of fail -> fail; {V, R} -> {F(V), R} end end.
many1(P) ->
    fun(S) -> case P(S) of fail -> fail; {V, R} -> {Vs, R2} = (many(P))(R), {[V | Vs], R2} end end.
many(P) ->
    fun(S) -> case P(S) of fail -> {[], S}; {V, R} -> {Vs, R2} = (many(P))(R),
    {[V | Vs], R2} end end.
chain(P, Ops) -> fun(S) -> case P(S) of fail -> fail; {V, R} -> rest(P, Ops, V, R) end end.
rest(P, Ops, V, [C | T] = S) ->
    case lists:keyfind(C, 1, Ops) of {_, F} -> case P(T) of {W, R} -> rest(P, Ops, F(V, W), R);
        fail -> {V, S} end; false -> {V, S} end;
rest(_, _, V, []) -> {V, []}.
