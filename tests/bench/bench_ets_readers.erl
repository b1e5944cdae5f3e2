%% A shared table read by several processes at once.
-module(bench_ets_readers).
-export([run/1]).

run(N) ->
    T = ets:new(t, [set, public, {read_concurrency, true}]),
    ets:insert(T, [{K, {K, <<"value">>, [K]}} || K <- lists:seq(1, 1000)]),
    Ms = [spawn_monitor(fun() -> exit(read(T, N * 5, P, 0)) end) || P <- [1, 2, 3, 4]],
    R = lists:sum([receive {'DOWN', M, _, _, V} -> V end || {_, M} <- Ms]), ets:delete(T), R.
read(_, 0, _, S) -> S;
read(T, N, P, S) ->
    [{_, {K, _, _}}] = ets:lookup(T, ((N * P) rem 1000) + 1),
    read(T, N - 1, P, (S + K) band 16#ffff).
