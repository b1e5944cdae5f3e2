%% Infix expressions to reverse Polish and to values, with precedence, unary minus and errors.
-module(prog_calc).
-export([run/0]).
-include("diff.hrl").

run() ->
    [{S, ?TRY(rpn(S)), ?TRY(calc(S))} || S <- ["1+2*3", "(1+2)*3", "2^3^2", "-4+2", "10/4", "7%3",
        "((2))", "1+", "(1", "2 * ( 3 + 4 ) - 5", "1/0", "2^-1", "3.5*2", "", "a+1", "--2",
        "100-10-1"]].
rpn(S) -> {T, []} = expr(toks(S), 0), T.
calc(S) -> ev(rpn(S)).
toks([$ | T]) -> toks(T);
toks([C | _] = S) when C >= $0, C =< $9 -> {N, R} = num(S, []), [N | toks(R)];
toks([C | T]) when C =:= $+; C =:= $-; C =:= $*; C =:= $/; C =:= $%; C =:= $^; C =:= $(;
    C =:= $) -> [list_to_atom([C]) | toks(T)];
toks([C | _]) -> throw({bad, [C]});
toks([]) -> [].
num([C | T], A) when C >= $0, C =< $9; C =:= $. -> num(T, [C | A]);
num(R, A) ->
    S = lists:reverse(A, []), {try list_to_integer(S) catch _:_ -> list_to_float(S) end, R}.
expr(T, P) -> {L, R} = atom(T), ops(L, R, P).
atom(['(' | T]) -> case expr(T, 0) of {E, [')' | R]} -> {E, R}; _ -> throw(unclosed) end;
atom(['-' | T]) -> {E, R} = expr(T, 3), {{neg, E}, R};
atom([N | T]) when is_number(N) -> {N, T};
atom(_) -> throw(expected).
ops(L, [O | T], P) ->
    case prec(O) of {Q, Side} when Q > P -> {R, Rest} = expr(T, case Side of l -> Q;
        r -> Q - 1 end), ops({O, L, R}, Rest, P); _ -> {L, [O | T]} end;
ops(L, [], _) -> {L, []}.
prec('+') -> {1, l};
prec('-') -> {1, l};
prec('*') -> {2, l};
prec('/') -> {2, l};
prec('%') -> {2, l};
prec('^') -> {4, r};
prec(_) -> {0, l}.
ev({neg, X}) -> -ev(X);
ev({'+', A, B}) -> ev(A) + ev(B);
ev({'-', A, B}) -> ev(A) - ev(B);
ev({'*', A, B}) -> ev(A) * ev(B);
ev({'/', A, B}) -> ev(A) / ev(B);
ev({'%', A, B}) -> ev(A) rem ev(B);
ev({'^', A, B}) ->
    case {ev(A), ev(B)} of {X, N} when N >= 0 -> pow(X, N); {X, N} -> 1 / pow(X, -N) end;
ev(N) -> N.
pow(_, 0) -> 1;
pow(X, N) -> X * pow(X, N - 1).
