%% Processes that do nothing but live and die, each awaited.
-module(bench_spawn_exit).
-export([run/1]).

run(N) -> loop(N * 10).
loop(0) -> 0;
loop(N) ->
    {P, M} = spawn_monitor(fun() -> ok end), receive {'DOWN', M, process, P,
        normal} -> loop(N - 1) end.
