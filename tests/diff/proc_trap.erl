%% trap_exit switched on and off: which exits become messages and which end the process.
-module(proc_trap).
-export([run/0]).
-include("diff.hrl").

run() ->
    [diff_runner:in_process(F) || F <- [fun() -> process_flag(trap_exit, true), exit(self(), a),
        R = receive {'EXIT', _, X} -> X end, process_flag(trap_exit, false), exit(self(), normal),
        {survived, R} end, fun() -> process_flag(trap_exit, true), process_flag(trap_exit, false),
        exit(self(), b), receive after 100 -> no end end, fun() -> process_flag(trap_exit, true),
        P = spawn_link(fun() -> exit(normal) end), receive {'EXIT', P, X} -> X end end,
        fun() -> P = spawn_link(fun() -> receive go -> exit(normal) end end), M = monitor(process, P), P ! go,
        receive {'DOWN', M, _, _, R} -> {alive, R} end end, fun() -> process_flag(trap_exit, true),
        exit(self(), kill), receive M -> M after 100 -> no end end, fun() -> Me = self(),
        spawn(fun() -> exit(Me, normal) end), receive M -> M after 30 -> ignored end end,
        fun() -> process_flag(trap_exit, true), Me = self(), spawn(fun() -> exit(Me, normal) end),
        receive {'EXIT', _, R} -> R after 500 -> none end end,
        fun() -> process_flag(trap_exit, true), spawn_link(fun() -> exit({shutdown, x}) end),
        spawn_link(fun() -> error(e) end), [receive {'EXIT', _, R} -> if is_tuple(R),
        element(1, R) =:= e -> e; true -> R end end || _ <- [1, 2]] -- [] =/= [] end]].
