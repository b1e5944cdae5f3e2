%% Calls through apply and through module and function held in variables.
-module(bench_calls_apply).
-export([run/1]).

-export([f/1, g/2]).
run(N) -> loop(N * 100, [{?MODULE, f, [1]}, {?MODULE, g, [2, 3]}, {erlang, abs, [-4]}], 0).
loop(0, _, S) -> S;
loop(N, L, S) -> loop(N - 1, L, calls(L, S)).
calls([{M, F, A} | T], S) -> calls(T, S + apply(M, F, A));
calls([], S) -> S band 16#ffffff.
f(X) -> X + 1.
g(X, Y) -> X * Y.
