%% Hundreds of links and monitors on one process; all are told, once each, with the same reason.
-module(proc_links_many).
-export([run/0]).
-include("diff.hrl").

run() ->
    process_flag(trap_exit, true), Hub = spawn(fun() -> receive {die, R} -> exit(R) end end),
    Me = self(), Ps = [spawn(fun() -> process_flag(trap_exit, true), link(Hub),
        M = monitor(process, Hub), Me ! ready, A = receive {'EXIT', Hub, R} -> R end,
        B = receive {'DOWN', M, _, _, R2} -> R2 end, Me ! {told, A, B} end)
        || _ <- diff_runner:seq(1, 200)], [receive ready -> ok end || _ <- Ps],
        {links, L} = process_info(Hub, links), {monitored_by, Mb} = process_info(Hub, monitored_by),
        Hub ! {die, {big, reason}}, R = [receive {told, A, B} -> {A, B} end || _ <- Ps],
        Ws = [spawn_link(fun() -> receive after infinity -> ok end end)
        || _ <- diff_runner:seq(1, 100)], {links, L2} = process_info(Me, links),
        [unlink(W) || W <- Ws], [exit(W, kill) || W <- Ws],
        [length(L), length(Mb), length([x || {{big, reason}, {big, reason}} <- R]),
        length(L2) >= 100, diff_runner:flush(10)].
