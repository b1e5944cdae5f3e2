%% A tree of linked processes, grown and taken down by one exit.
-module(bench_spawn_tree).
-export([run/1]).

run(N) -> repeat(N, 0).
repeat(0, S) -> S;
repeat(N, S) ->
    Me = self(), {P, M} = spawn_monitor(fun() -> grow(6, Me, Me) end), receive {ready, P} -> ok end,
    exit(P, stop), receive {'DOWN', M, _, _, stop} -> ok end, repeat(N - 1, S + 1).
grow(0, Up, _) -> Up ! {ready, self()}, receive never -> ok end;
grow(K, Up, Me) ->
    Self = self(), Ps = [spawn_link(fun() -> grow(K - 1, Self, Me) end) || _ <- [1, 2]],
    [receive {ready, P} -> ok end || P <- Ps], Up ! {ready, Self}, receive never -> ok end.
