%% A hash table in one process: insert, look up, delete.
-module(bench_ets_set).
-export([run/1]).

run(N) -> T = ets:new(t, [set]), R = loop(N * 20, T, 0), ets:delete(T), R.
loop(0, T, S) -> S + ets:info(T, size);
loop(N, T, S) ->
    K = (N * 7919) rem 5003, ets:insert(T, {K, N, [K]}),
    X = case ets:lookup(T, K div 2) of [{_, V, _}] -> V; [] -> 0 end,
    case N rem 4 of 0 -> ets:delete(T, K); _ -> ok end, loop(N - 1, T, (S + X) band 16#ffffff).
