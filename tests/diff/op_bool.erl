%% Comparisons and type tests whose result is a value, stored, returned, combined, passed on.
-module(op_bool).
-export([run/0]).
-include("diff.hrl").

run() -> Vs = [1, 1.0, a, [], {x}, <<1>>], [{A, B, f(A, B), g(A, B), h(A, B)} || A <- Vs, B <- Vs].
f(A, B) -> {A < B, A =< B, A == B, A =:= B, A /= B, A =/= B, A > B, A >= B}.
g(A, B) ->
    X = is_atom(A) or is_list(B), Y = is_integer(A) and (B =/= 1), Z = not is_tuple(A),
    W = (A =:= B) xor X, [X, Y, Z, W, X and not Y, X == true].
h(A, B) ->
    R = A < B andalso is_number(A), case R of true -> {yes, A};
        false -> {no, B, R orelse A =:= B} end.
