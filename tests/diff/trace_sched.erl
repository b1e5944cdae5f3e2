%% diff: full
%% diff: turns each turn of a process is an event
%% Traces of scheduling and collection, of ports; system_monitor and system_profile.
-module(trace_sched).
-export([run/0, slave/0, tracer/1]).
-include("diff.hrl").

slave() -> receive {do, From, F} -> R = (catch F()), From ! {result, R}, slave(); stop -> ok end.
tracer(Acc) -> receive {get, P} -> P ! {events, lists:reverse(Acc)}, tracer([]); M -> tracer([M | Acc]) end.
events(T) -> receive after 30 -> ok end, T ! {get, self()}, receive {events, E} -> E end.
do(P, F) -> P ! {do, self(), F}, receive {result, R} -> R end.
new() -> P = spawn(?MODULE, slave, []), _ = do(P, fun() -> ok end), receive after 5 -> ok end, P.
ids(L) when is_list(L) -> [ids(X) || X <- L];
ids(T) when is_tuple(T) -> list_to_tuple(ids(tuple_to_list(T)));
ids(P) when is_pid(P) -> pid; ids(P) when is_port(P) -> port; ids(R) when is_reference(R) -> ref; ids(X) -> X.
order([A | R]) -> case lists:member(A, [in, out]) of true -> [A | order(R)]; false -> order(R) end; order([]) -> [].

run() ->
    T = spawn_link(?MODULE, tracer, [[]]),
    %% running
    P = new(),
    erlang:trace(P, true, [running, {tracer, T}]),
    P ! {do, self(), fun() -> ok end}, receive {result, ok} -> ok end,
    A1 = [[W, F] || {trace, _, W, F} <- events(T)],
    erlang:trace(P, false, [all]),
    erlang:trace(P, true, [running, scheduler_id, timestamp, {tracer, T}]),
    P ! {do, self(), fun() -> ok end}, receive {result, ok} -> ok end,
    A2 = [[W, F, is_integer(S), tuple_size(Ts)] || {trace_ts, _, W, F, S, Ts} <- events(T)],
    erlang:trace(P, false, [all]),
    erlang:trace(P, true, [exiting, procs, {tracer, T}]),
    exit(P, kill),
    A3 = ids(events(T)),
    Q = new(), erlang:trace(Q, true, [exiting, running, {tracer, T}]), Q ! stop,
    A4 = ids(events(T)),
    %% collections
    G = new(), erlang:trace(G, true, [garbage_collection, {tracer, T}]),
    do(G, fun() -> erlang:garbage_collect() end),
    B1 = lists:usort([{W, [K || {K, V} <- I, is_integer(V)]}
                      || {trace, _, W, I} <- events(T), W =:= gc_major_start orelse W =:= gc_major_end]),
    do(G, fun() -> L = lists:seq(1, 100000), length(L) end),
    B3 = lists:usort([W || {trace, _, W, _} <- events(T), W =:= gc_minor_start orelse W =:= gc_minor_end]),
    exit(G, kill), _ = events(T),
    %% ports
    erlang:trace(new_ports, true, [ports, send, 'receive', {tracer, T}]),
    Port = open_port({spawn, "cat"}, [stream, binary]),
    Port ! {self(), {command, <<"hello">>}},
    C0 = receive {Port, {data, D}} -> D after 2000 -> none end,
    register(trace_sched_port, Port), unregister(trace_sched_port),
    unlink(Port), link(Port),
    erlang:port_command(Port, [<<"x">>, "y"]), C1 = receive {Port, {data, D1}} -> D1 after 2000 -> none end,
    C2 = [erlang:trace_info(Port, flags), erlang:trace_info(new_ports, flags), ids(erlang:trace_info(Port, tracer))],
    Port ! {self(), close}, C3 = receive {Port, closed} -> closed after 2000 -> none end,
    erlang:trace(new_ports, false, [all]),
    C4 = ids(events(T)),
    C5 = [ids(erlang:trace_info(Port, flags)), ?TRY(erlang:trace(Port, true, [ports]))],
    %% system_monitor
    E1 = [erlang:system_monitor(), ids(erlang:system_monitor(T, [{large_heap, 20000}, busy_port, {long_gc, 0},
        {long_schedule, 5000}, busy_dist_port])), ids(erlang:system_monitor()), ids(erlang:system_monitor(undefined)),
        erlang:system_monitor()],
    erlang:system_monitor({T, [{large_heap, 16384}]}),
    H = new(), do(H, fun() -> L = lists:seq(1, 60000), erlang:garbage_collect(), length(L) end),
    E2 = lists:usort([{W, [K || {K, V} <- I, is_integer(V)]} || {monitor, X, W, I} <- events(T), X =:= H]),
    erlang:system_monitor(undefined),
    erlang:system_monitor(T, [{long_schedule, 20}]),
    do(H, fun() -> erts_debug:set_internal_state(available_internal_state, true),
        erts_debug:set_internal_state(wait, 0) end),
    erlang:system_monitor(undefined), _ = events(T),
    E3 = [?TRY(erlang:system_monitor(T, [bad])), ?TRY(erlang:system_monitor(T, bad)), ?TRY(erlang:system_monitor(bad, [busy_port])),
        ?TRY(erlang:system_monitor(bad)), ?TRY(erlang:system_monitor(T, [{large_heap, x}])), erlang:system_monitor()],
    Z = spawn(fun() -> receive stop -> ok end end), erlang:system_monitor(Z, [busy_port]), Z ! stop,
    receive after 20 -> ok end, E4 = erlang:system_monitor(),
    %% system_profile
    F1 = [erlang:system_profile(), erlang:system_profile(T, [runnable_procs]), ids(erlang:system_profile())],
    do(H, fun() -> ok end),
    F2 = case [{W, tuple_size(Ts)} || {profile, X, W, _, Ts} <- events(T), X =:= H] of [] -> none; L2 -> lists:usort(L2) end,
    F3 = [ids(erlang:system_profile(undefined, [])), erlang:system_profile(), ids(erlang:system_profile(T,
        [runnable_procs, runnable_ports, scheduler, exclusive, monotonic_timestamp])), ids(erlang:system_profile()),
        ids(erlang:system_profile(T, [])), ?TRY(erlang:system_profile(T, [bad])), ?TRY(erlang:system_profile(bad, [scheduler])),
        erlang:system_profile()],
    exit(H, kill), unlink(T), exit(T, kill),
    [A1, A2, A3, A4, B1, B3, C0, C1, C2, C3, C4, C5, E1, E2, E3, E4, F1, F2, F3].
