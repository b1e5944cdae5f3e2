%% kill against trapping processes, groups of links, and the difference between kill and killed.
-module(proc_kill).
-export([run/0]).
-include("diff.hrl").

run() ->
    process_flag(trap_exit, true),
    P = spawn_link(fun() -> process_flag(trap_exit, true),
        (fun L() -> receive {'EXIT', _, R} when R =/= stop -> put(n, 1), L();
        {'EXIT', _, stop} -> exit(stopped) end end)() end),
    wait_trap(P), exit(P, a), exit(P, killed), exit(P, stop), A = receive {'EXIT', P, R1} -> R1 end,
    Q = spawn_link(fun() -> process_flag(trap_exit, true), S = spawn_link(fun() -> exit(kill) end),
        receive {'EXIT', S, K} -> exit({linked, K}) end end), B = receive {'EXIT', Q, R2} -> R2 end,
    Group = [spawn_link(fun() -> receive after infinity -> ok end end) || _ <- [1, 2, 3]],
    G1 = hd(Group), [link_to(X, G1) || X <- tl(Group)], exit(G1, kill),
    C = diff_runner:sorted([receive {'EXIT', X, R} -> R end || X <- Group]),
    [A, B, C].
link_to(X, Y) ->
    Me = self(), Z = spawn(fun() -> link(X), link(Y), Me ! ready,
        receive after infinity -> ok end end), receive ready -> Z end.
wait_trap(P) ->
    case process_info(P, trap_exit) of {_, true} -> ok; _ -> erlang:yield(), wait_trap(P) end.
