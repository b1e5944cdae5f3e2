%% Aliases: creation, deactivation, reply aliases that vanish with the reply or the monitor.
-module(proc_alias).
-export([run/0]).
-include("diff.hrl").

run() ->
    A = alias(), A ! one, R1 = diff_runner:flush(), U1 = unalias(A), A ! two,
    R2 = diff_runner:flush(), U2 = unalias(A),
    B = alias([reply]), B ! r1, B ! r2, R3 = diff_runner:flush(), U3 = unalias(B),
    C = alias([explicit_unalias]), C ! c1, C ! c2, R4 = diff_runner:flush(), unalias(C),
    P = spawn(fun() -> receive {X, Y} -> X ! {hi, Y} end, receive after infinity -> ok end end),
    M = monitor(process, P, [{alias, reply_demonitor}]), P ! {M, 1},
    R5 = receive {hi, 1} -> ok after 500 -> none end, M ! lost, R6 = diff_runner:flush(),
    D = demonitor(M, [info]),
    M2 = monitor(process, P, [{alias, demonitor}]), M2 ! a, M2 ! b, R7 = diff_runner:flush(),
    demonitor(M2), M2 ! c, R8 = diff_runner:flush(),
    M3 = monitor(process, P, [{alias, explicit_unalias}]), demonitor(M3), M3 ! still,
    R9 = diff_runner:flush(), U4 = unalias(M3), M3 ! gone, exit(P, kill),
    [R1, U1, R2, U2, R3, U3, R4, R5, R6, D, R7, R8, R9, U4, diff_runner:flush(20),
        ?TRY(alias(?ID([bad]))), ?TRY(unalias(?ID(a))), ?TRY(alias(?ID(a))), unalias(make_ref()),
        make_ref() ! x, is_reference(A)].
