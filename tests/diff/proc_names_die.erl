%% A name is free as soon as its owner's death has been reported.
-module(proc_names_die).
-export([run/0]).
-include("diff.hrl").

run() ->
    [cycle(I) || I <- diff_runner:seq(1, 30)] ++ [whereis(proc_names_x),
        diff_runner:in_process(fun() -> register(proc_names_x, self()), unregister(proc_names_x),
        register(proc_names_x, self()), whereis(proc_names_x) =:= self() end),
        whereis(proc_names_x)].
cycle(I) ->
    Me = self(), {P, M} = spawn_monitor(fun() -> true = register(proc_names_x, self()), Me ! up,
        receive stop -> exit(I) end end), receive up -> ok end, proc_names_x ! stop,
        receive {'DOWN', M, process, P, R} -> R end.
