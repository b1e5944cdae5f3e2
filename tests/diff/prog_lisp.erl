%% A small Lisp: reader, evaluator with closures, and a few programs in it.
-module(prog_lisp).
-export([run/0]).
-include("diff.hrl").

run() ->
    [p("(+ 1 2 (* 3 4))"), p("((lambda (x y) (- x y)) 10 3)"),
        p("(let fact (lambda (n) (if (< n 2) 1 (* n (fact (- n 1))))) (fact 20))"),
        p("(let map (lambda (f l) (if (null l) (quote ()) (cons (f (car l)) (map f (cdr l))))) (map (lambda (x) (* x x)) (quote (1 2 3 4))))"),
        p("(if (= 1 2) 'a 'b)"), p("(quote (a (b c) 5))"), p("(car (cdr (quote (x y z))))"),
        ?TRY(p("(undefined 1)")), ?TRY(p("(+ 1")), ?TRY(p("(car 5)")),
        p("(let y (lambda (f) ((lambda (x) (x x)) (lambda (x) (f (lambda (a) ((x x) a)))))) ((y (lambda (self) (lambda (n) (if (= n 0) 0 (+ n (self (- n 1))))))) 50))")].
p(S) -> {E, _} = rd(S), ev(E, #{}).
rd([$ | T]) -> rd(T);
rd([$( | T]) -> lst(T, []);
rd([$' | T]) -> {E, R} = rd(T), {[quote, E], R};
rd([C | _] = S) when C =/= $) -> tok(S, []).
lst([$ | T], A) -> lst(T, A);
lst([$) | T], A) -> {lists:reverse(A, []), T};
lst(S, A) -> {E, R} = rd(S), lst(R, [E | A]).
tok([C | T], A) when C =/= $ , C =/= $(, C =/= $) -> tok(T, [C | A]);
tok(R, A) ->
    S = lists:reverse(A, []), {try list_to_integer(S) catch error:badarg -> list_to_atom(S) end, R}.
ev(N, _) when is_integer(N) -> N;
ev(A, E) when is_atom(A) -> case E of #{A := {rec, F}} -> F(F); #{A := V} -> V; _ -> prim(A) end;
ev([quote, X], _) -> X;
ev(['if', C, T, F], E) -> case ev(C, E) of false -> ev(F, E); _ -> ev(T, E) end;
ev([lambda, Ps, B], E) -> fun(As) -> ev(B, bind(Ps, As, E)) end;
ev(['let', N, [lambda, Ps, B], X], E) ->
    R = fun(Self) -> fun(As) -> ev(B, bind(Ps, As, E#{N => {rec, Self}})) end end,
    ev(X, E#{N => {rec, R}});
ev(['let', N, V, X], E) -> ev(X, E#{N => ev(V, E)});
ev([F | As], E) -> (ev(F, E))([ev(A, E) || A <- As]).
bind([P | Ps], [A | As], E) -> bind(Ps, As, E#{P => A});
bind([], [], E) -> E.
prim('+') -> fun sum/1;
prim('*') -> fun prod/1;
prim('-') -> fun([A, B]) -> A - B end;
prim('<') -> fun([A, B]) -> A < B end;
prim('=') -> fun([A, B]) -> A == B end;
prim(cons) -> fun([A, B]) -> [A | B] end;
prim(car) -> fun([[H | _]]) -> H end;
prim(cdr) -> fun([[_ | T]]) -> T end;
prim(null) -> fun([L]) -> L =:= [] end;
prim(X) -> error({unbound, X}).
sum([H | T]) -> H + sum(T);
sum([]) -> 0.
prod([H | T]) -> H * prod(T);
prod([]) -> 1.
