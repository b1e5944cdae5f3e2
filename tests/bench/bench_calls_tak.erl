%% Takeuchi's function: three arguments, deep recursion, calls as arguments of calls.
-module(bench_calls_tak).
-export([run/1]).

run(N) -> repeat(N, 0).
repeat(0, S) -> S;
repeat(N, S) -> repeat(N - 1, S + tak(14, 8, 3)).
tak(X, Y, Z) when Y < X -> tak(tak(X - 1, Y, Z), tak(Y - 1, Z, X), tak(Z - 1, X, Y));
tak(_, _, Z) -> Z.
