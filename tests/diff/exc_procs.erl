%% Exceptions that end processes: the reason with its stack trace as monitors and links see it.
-module(exc_procs).
-export([run/0]).
-include("diff.hrl").

run() ->
    process_flag(trap_exit, true), [diff_runner:wait_down(spawn_monitor(F))
        || F <- [fun() -> a(?ID(1)) end, fun() -> error(x, [1, 2]) end, fun() -> throw(t) end,
        fun() -> erlang:raise(error, r, []) end, fun() -> try error(inner) after ok end end,
        fun() -> try error(inner) catch error:E -> exit({caught, E}) end end,
        fun() -> erlang:raise(exit, e, [{m, f, 1, []}]) end, fun() -> apply(no_such_m, f, [a]) end,
        fun() -> (?ID(atom))(1) end]] ++ [begin P = spawn_link(fun() -> a(2) end),
        receive {'EXIT', P, R} -> R end end].
a(X) -> [b(X)].
b(X) -> X + undefined_atom(X).
undefined_atom(_) -> ?ID(nan).
