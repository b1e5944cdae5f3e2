%% The minus sign before a float in a register for floats, before any term, and as a function.
%% diff: full
-module(float_negate).
-export([run/0]).

run() ->
    Zero = list_to_float("0.0"),
    [{X, known(X), chained(X), any(X), erlang:'-'(X), apply(erlang, '-', [X]), lists:map(fun erlang:'-'/1, [X])}
     || X <- [Zero, Zero * -1, 1.5, -2.25, 1.7976931348623157e308, 5.0e-324]].

known(X) when is_float(X) -> -X.
chained(X) when is_float(X) -> Y = X * 1.0, -Y - -(X + X).
any(X) -> -X.
