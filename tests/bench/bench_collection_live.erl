%% Garbage made beside a big live heap: the price of what survives.
-module(bench_collection_live).
-export([run/1]).

run(N) -> Live = [{I, [I], {x, I}} || I <- lists:seq(1, 50000)], R = churn(N, 0), R + length(Live).
churn(0, S) -> S;
churn(N, S) ->
    L = lists:map(fun(X) -> {X, X + 1} end, lists:seq(1, 500)),
    churn(N - 1, (S + length(L)) band 16#ffffff).
