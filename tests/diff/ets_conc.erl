%% diff: full
%% Several processes on one public table: counters add up, inserts are all there.
-module(ets_conc).
-export([run/0]).
-include("diff.hrl").

run() ->
    [begin E = ets:new(t, [T, public | O]), ets:insert(E, {n, 0}), Me = self(),
        Ps = [spawn_monitor(fun() -> [begin ets:update_counter(E, n, 1),
        ets:insert(E, {{P, I}, I}) end || I <- lists:seq(1, 500)], Me ! {P, fin} end)
        || P <- lists:seq(1, 4)], [receive {'DOWN', M, _, _, normal} -> ok end || {_, M} <- Ps],
        diff_runner:flush(), {T, O, ets:lookup(E, n), ets:info(E, size),
        length(ets:match(E, {{3, '$1'}, '_'}))} end || T <- [set, ordered_set],
        O <- [[], [{write_concurrency, true}], [{read_concurrency, true},
        {write_concurrency, auto}]]].
