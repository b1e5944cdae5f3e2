%% suspend_process and resume_process: counts, nesting, errors.
-module(proc_suspend).
-export([run/0]).
-include("diff.hrl").

run() ->
    Me = self(), P = spawn(fun() -> loop(Me) end), P ! ping, A = receive pong -> 1 end,
    true = erlang:suspend_process(P), P ! ping, B = receive pong -> 2 after 30 -> silent end,
    S1 = erlang:suspend_process(P), S2 = process_info(Me, suspending),
    true = erlang:resume_process(P), C = receive pong -> 3 after 30 -> still end,
    true = erlang:resume_process(P), D = receive pong -> 4 after 500 -> none end,
    [A, B, S1, S2, C, D, ?TRY(erlang:resume_process(P)), ?TRY(erlang:suspend_process(Me)),
        ?TRY(erlang:suspend_process(?ID(a))), ?TRY(erlang:suspend_process(P, ?ID([bad]))),
        erlang:suspend_process(P, [unless_suspending]),
        erlang:suspend_process(P, [unless_suspending]), erlang:resume_process(P),
        process_info(P, status) =/= undefined, exit(P, kill)].
loop(Me) -> receive ping -> Me ! pong, loop(Me) end.
