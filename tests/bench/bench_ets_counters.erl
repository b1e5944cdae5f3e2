%% Counters in a public table updated by several processes at once.
-module(bench_ets_counters).
-export([run/1]).

run(N) ->
    T = ets:new(t, [set, public, {write_concurrency, true}]),
    [ets:insert(T, {K, 0}) || K <- lists:seq(1, 64)], Ms = [spawn_monitor(fun() -> bump(T, N * 5,
        P) end) || P <- [1, 2, 3, 4]], [receive {'DOWN', M, _, _, _} -> ok end || {_, M} <- Ms],
        R = lists:sum([V || {_, V} <- ets:tab2list(T)]), ets:delete(T), R.
bump(_, 0, _) -> ok;
bump(T, N, P) -> ets:update_counter(T, ((N * P) band 63) + 1, 1), bump(T, N - 1, P).
