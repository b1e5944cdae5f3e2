%% How a process can end, and the reason its monitor is told.
-module(proc_exit).
-export([run/0]).
-include("diff.hrl").

run() ->
    [diff_runner:wait_down(spawn_monitor(F)) || F <- [fun() -> ok end, fun() -> exit(normal) end,
        fun() -> exit({a, [1]}) end, fun() -> exit(self(), x), receive after 100 -> ok end end,
        fun() -> exit(self(), kill), receive after 100 -> ok end end, fun() -> exit(kill) end,
        fun() -> exit(self(), normal), still_here end, fun() -> process_flag(trap_exit, true),
        exit(self(), kill), receive after 100 -> ok end end, fun() -> throw(t) end,
        fun() -> error(e) end, fun() -> 1 = ?ID(2) end, fun() -> catch exit(q), exit(r) end,
        fun() -> try exit(a) after exit(b) end end, fun() -> no_mod:f() end,
        fun() -> erlang:hibernate(no_mod, g, []) end, fun() -> spawn_link(fun() -> exit(child) end),
        receive after infinity -> ok end end, fun() -> Me = self(),
        spawn(fun() -> exit(Me, told) end), receive after infinity -> ok end end,
        fun() -> throw({x, throw(y)}) end]]
     ++ [is_process_alive(self()), is_process_alive(element(1,
         spawn_monitor(fun() -> receive after 1000 -> ok end end))),
         ?TRY(is_process_alive(?ID(a)))].
