%% diff: full
%% Ports and their owners: links, kills, a port outlived, data after the owner is gone.
-module(port_kill).
-export([run/0]).
-include("diff.hrl").

run() ->
    process_flag(trap_exit, true), Me = self(), P1 = spawn_link(fun() -> P = open_port({spawn,
        "cat"}, []), Me ! {port, P}, receive stop -> exit(bye) end end),
        Port = receive {port, X} -> X end, A = erlang:port_info(Port, connected) =:= {connected,
        P1}, P1 ! stop, B = receive {'EXIT', P1, R} -> R end, receive after 50 -> ok end,
        C = erlang:port_info(Port),
    Q = open_port({spawn, "cat"}, [exit_status]), exit(Q, kill),
    D = receive {'EXIT', Q, R2} -> R2 after 2000 -> none end,
    M = open_port({spawn, "sleep 60"}, []), Mon = erlang:monitor(port, M), port_close(M),
    E = receive {'DOWN', Mon, port, M, R3} -> R3 after 2000 -> none end,
    F = erlang:monitor(port, M), G = receive {'DOWN', F, port, M, R4} -> R4 after 2000 -> none end,
    N = open_port({spawn, "cat"}, []), register(port_kill_n, N),
    H = [whereis(port_kill_n) =:= N, port_command(port_kill_n, "hi"),
        receive {N, {data, Dt}} -> Dt after 2000 -> none end, erlang:port_info(N, registered_name),
        unregister(port_kill_n)], unlink(N), port_close(N),
        [A, B, C, D, E, G, H, [element(1, T) || T <- diff_runner:flush(30)]].
