%% Building, composing and calling closures.
-module(bench_closures_compose).
-export([run/1]).

run(N) ->
    Add = fun(K) -> fun(X) -> X + K end end, Fs = [Add(I) || I <- lists:seq(1, 20)],
    repeat(N * 10, Fs, 0).
repeat(0, _, S) -> S;
repeat(N, Fs, S) ->
    F = lists:foldl(fun(G, H) -> fun(X) -> G(H(X)) end end, fun(X) -> X end, Fs),
    repeat(N - 1, Fs, F(S) band 16#fffff).
