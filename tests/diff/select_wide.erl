%% Selections of every size and kind of value: jump tables with gaps, hash tables of atoms and small
%% integers mixed, what is in none of them; then ==, element/2 and funs with free variables where the
%% quick way ends.
-module(select_wide).
-export([run/0]).

run() ->
    Keys = [a, b, c, d, e, f, g, h, ok, error, true, false, undefined, [], 0, -1, 1, 2, 7, 8, 40, 64, 255, 256,
            1 bsl 20, 1 bsl 40, 1 bsl 58, -(1 bsl 58), 1 bsl 59, 1 bsl 64, 1.0, {}, {a}, "a", <<>>, self],
    [{atoms, [atoms(K) || K <- Keys]},
     {mixed, [mixed(K) || K <- Keys]},
     {gaps, [gaps(N) || N <- Keys ++ lists:seq(-3, 130, 7)]},
     {far, [far(K) || K <- Keys]},
     {three, [three(K) || K <- Keys]},
     {equal, [{X == Y, X /= Y, guard(X, Y)} || X <- values(), Y <- values()]},
     {element, [try_element(I, T) || I <- [0, 1, 2, 3, 4, -1, a, 1.0, 1 bsl 70], T <- [{}, {x}, {x, y, z}, [], #{}]]},
     {guarded, [guarded(I, T) || I <- [0, 1, 2, a], T <- [{}, {2}, {x, y}, nope]]},
     {funs, [F() || F <- funs(one, two, three, four)]}].

atoms(a) -> 1; atoms(b) -> 2; atoms(c) -> 3; atoms(d) -> 4; atoms(e) -> 5; atoms(f) -> 6; atoms(ok) -> 7;
atoms(error) -> 8; atoms(true) -> 9; atoms(false) -> 10; atoms(undefined) -> 11; atoms(select_wide) -> 12;
atoms(_) -> none.

mixed(a) -> 1; mixed(0) -> 2; mixed([]) -> 3; mixed(ok) -> 4; mixed(-1) -> 5; mixed(64) -> 6; mixed(256) -> 7;
mixed(1.0) -> 8; mixed(1152921504606846976) -> 9; mixed(18446744073709551616) -> 10; mixed(_) -> none.

gaps(10) -> lf; gaps(34) -> quote; gaps(47) -> slash; gaps(-3) -> minus; gaps(123) -> brace; gaps(_) -> none.

far(0) -> zero; far(1099511627776) -> big; far(288230376151711744) -> bigger; far(-288230376151711744) -> less;
far(1048576) -> million; far(7) -> seven; far(_) -> none.

three(a) -> 1; three(b) -> 2; three([]) -> 3; three(_) -> none.

values() -> [0, 1, 1.0, -0.0, a, b, [], [1], [1.0], {1}, {1.0}, 1 bsl 70, float(1 bsl 70), <<"a">>, #{1 => a}].

guard(X, Y) when X == Y -> same;
guard(X, Y) when X /= Y -> other.

try_element(I, T) -> try element(I, T) catch C:R:S -> {C, R, hd(S)} end.

guarded(I, T) when element(I, T) =:= 2 -> two;
guarded(I, T) when element(I, T) == y -> y;
guarded(_, _) -> no.

funs(A, B, C, D) ->
    [fun() -> none end, fun() -> A end, fun() -> {A, B} end, fun() -> {A, B, C} end, fun() -> {D, C, B, A} end].
