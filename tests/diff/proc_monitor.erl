%% Monitors: the DOWN message in each case, demonitor with its options, by name, of the dead.
-module(proc_monitor).
-export([run/0]).
-include("diff.hrl").

run() ->
    Down = fun(R) -> receive {'DOWN', R, T, _, W} -> {T, W} after 500 -> none end end,
    Sp = fun(F) -> spawn(F) end, Idle = fun() -> receive stop -> ok end end,
    P1 = Sp(fun() -> receive go -> exit(why) end end), M1 = monitor(process, P1), P1 ! go, D1 = Down(M1),
    M1b = monitor(process, P1), D1b = Down(M1b),
    P2 = Sp(Idle), M2 = monitor(process, P2), A = [demonitor(M2), demonitor(M2),
        demonitor(M2, [info]), demonitor(M2, [flush])], P2 ! stop,
    P3 = Sp(Idle), M3 = monitor(process, P3), B = [demonitor(M3, [info]),
        demonitor(M3, [info, flush])], P3 ! stop,
    P4 = Sp(fun() -> ok end), M4 = monitor(process, P4), wait(P4),
    C = [demonitor(M4, [flush, info]), diff_runner:flush()],
    P5 = Sp(Idle), register(mon_name, P5), M5 = monitor(process, mon_name),
    M6 = monitor(process, {mon_name, node()}), P5 ! stop,
    D5 = receive {'DOWN', M5, process, X5, W5} -> {X5 =:= {mon_name, node()}, W5} end,
    D6 = receive {'DOWN', M6, process, _, W6} -> W6 end,
    M7 = monitor(process, not_registered), D7 = Down(M7), M8 = monitor(process, self()), 
    M9 = monitor(time_offset, clock_service), E = demonitor(M9), F = demonitor(M8),
    P10 = Sp(Idle), M10 = monitor(process, P10, [{tag, mytag}]), P10 ! stop,
    D10 = receive {mytag, M10, process, _, W10} -> W10 after 500 -> none end,
    [D1, D1b, A, B, C, D5, D6, D7, E, F, D10, ?TRY(monitor(process, ?ID(1))),
        ?TRY(monitor(?ID(bad), self())), ?TRY(monitor(process, self(), ?ID([x]))),
        ?TRY(monitor(process, self(), ?ID(a))), ?TRY(demonitor(?ID(a))),
        ?TRY(demonitor(make_ref())), ?TRY(demonitor(M1, ?ID([x]))),
        ?TRY(monitor(process, ?ID({a, b, c}))), several(), err()].
wait(P) ->
    case is_process_alive(P) of true -> erlang:yield(), wait(P);
        false -> receive after 5 -> ok end end.
several() ->
    P = spawn(fun() -> receive stop -> exit(s) end end),
    Ms = [monitor(process, P) || _ <- [1, 2, 3]], P ! stop,
    [receive {'DOWN', M, _, _, R} -> R end || M <- lists:reverse(Ms, [])].
err() ->
    {P, M} = spawn_monitor(fun() -> hd(?ID([])) end), receive {'DOWN', M, process, P,
        {R, [F | _]}} -> {R, F} end.
