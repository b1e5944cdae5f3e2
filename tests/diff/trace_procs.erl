%% diff: full
%% diff: turns what a process does and what happens to it are events in the order of turns
%% Traces of what processes do: messages, spawns, links, names, exits; targets, flags and inheritance.
-module(trace_procs).
-export([run/0, slave/0, child/0, tracer/1, quick/0]).
-include("diff.hrl").

slave() ->
    receive
        {do, From, F} -> R = (catch F()), From ! {result, R}, slave();
        {silent, F} -> F(), slave();
        stop -> ok
    end.
child() -> receive stop -> ok; {exit, R} -> exit(R) end.
quick() -> ok.
tracer(Acc) -> receive {get, P} -> P ! {events, lists:reverse(Acc)}, tracer([]); M -> tracer([M | Acc]) end.
events(T) -> receive after 20 -> ok end, T ! {get, self()}, receive {events, E} -> E end.
do(P, F) -> P ! {do, self(), F}, receive {result, R} -> R end.

%% Pids by who they are.
name(Names, X) when is_pid(X) -> case lists:keyfind(X, 1, Names) of {_, N} -> N; false -> other end;
name(Names, T) when is_tuple(T) -> list_to_tuple(name(Names, tuple_to_list(T)));
name(Names, [H | T]) -> [name(Names, H) | name(Names, T)];
name(_, F) when is_function(F) -> a_fun;
name(_, R) when is_reference(R) -> ref;
name(_, X) -> X.
stamp({trace_ts, _, _, _, Ts}) -> Ts;
stamp({trace_ts, _, _, _, _, Ts}) -> Ts.

run() ->
    T = spawn_link(?MODULE, tracer, [[]]),
    P = spawn(?MODULE, slave, []),
    O = spawn(?MODULE, child, []),
    _ = do(P, fun() -> ok end),
    N = [{T, tracer}, {P, slave}, {O, child}, {self(), me}],
    Ev = fun() -> name(N, events(T)) end,
    A0 = [erlang:trace(P, true, [send, 'receive', procs, {tracer, T}]), erlang:trace_info(P, tracer) =:= {tracer, T},
        erlang:trace_info(P, flags), erlang:trace_info(self(), flags), erlang:trace_info(self(), tracer)],
    Dead = spawn(?MODULE, quick, []), receive after 10 -> ok end,
    register(trace_procs_o, O),
    A1 = [do(P, fun() -> O ! hello, trace_procs_o ! named, {trace_procs_o, node()} ! both, Dead ! gone, ok end),
        Ev()],
    A2 = [do(P, fun() -> link(O), unlink(O), link(O), ok end), Ev()],
    A3 = [do(P, fun() -> register(trace_procs_p, self()), unregister(trace_procs_p),
        register(trace_procs_p, self()), ok end), Ev()],
    A4 = [do(P, fun() -> C = spawn(?MODULE, quick, []), C2 = spawn_link(?MODULE, quick, []), process_flag(trap_exit, true),
        {is_pid(C), is_pid(C2)} end), Ev()],
    A5 = [do(P, fun() -> {C, R} = spawn_monitor(?MODULE, quick, []), receive {'DOWN', R, process, C, normal} -> ok end end),
        Ev()],
    O ! {exit, shutdown},
    A6 = [do(P, fun() -> receive {'EXIT', _, shutdown} -> ok end, erlang:send(self(), m, [noconnect]), receive m -> ok end,
        self() ! k, receive k -> ok end, catch no_such_name ! x, ok end), Ev()],
    A7 = [do(P, fun() -> erlang:send_after(1, self(), timed), receive timed -> ok end, put(a, 1),
        Al = alias(), Al ! via_alias, receive via_alias -> ok end end), Ev()],
    A9 = [do(P, fun() -> receive nothing -> ok after 1 -> timed_out end end), Ev()],
    A10 = [do(P, fun() -> process_flag(trap_exit, false), C = spawn_link(?MODULE, quick, []), receive after 10 -> ok end,
        is_pid(C) end), Ev()],
    unlink(P), P ! stop,
    A8 = Ev(),
    %% Inheritance.
    In = fun(Flags, F) -> Q = spawn(?MODULE, slave, []), _ = do(Q, fun() -> ok end),
        erlang:trace(Q, true, Flags ++ [{tracer, T}]),
        {R, Cs} = do(Q, F), I = [lists:sort(element(2, erlang:trace_info(C, flags))) || C <- [Q | Cs], is_process_alive(C)],
        _ = events(T), erlang:trace(Q, false, [all]), exit(Q, kill), [exit(C, kill) || C <- Cs], {R, I} end,
    Sp = fun() -> C1 = spawn(?MODULE, slave, []), C2 = spawn(?MODULE, slave, []), {two, [C1, C2]} end,
    Sl = fun() -> C1 = spawn_link(?MODULE, slave, []), C2 = spawn_link(?MODULE, slave, []), unlink(C1), unlink(C2),
        {two, [C1, C2]} end,
    Ln = fun() -> C1 = spawn(?MODULE, slave, []), C2 = spawn(?MODULE, slave, []), link(C1), link(C2),
        _ = do(C1, fun() -> ok end), _ = do(C2, fun() -> ok end), unlink(C1), unlink(C2), {two, [C1, C2]} end,
    B = [In([procs, set_on_spawn], Sp), In([procs, set_on_first_spawn], Sp), In([procs, set_on_link], Sl),
        In([procs, set_on_first_link], Sl), In([procs, set_on_link], Ln), In([procs, set_on_first_link], Ln),
        In([procs, set_on_spawn, set_on_first_spawn, set_on_link], Sp)],
    %% Stamps.
    St = fun(Flag) -> Q = spawn(?MODULE, slave, []), _ = do(Q, fun() -> ok end), _ = events(T),
        erlang:trace(Q, true, [procs, Flag, {tracer, T}]), do(Q, fun() -> register(trace_procs_q, self()) end),
        [E] = events(T), exit(Q, kill), case stamp(E) of {_, _, _} -> now; {I, J} when is_integer(I), is_integer(J) -> strict;
        I when is_integer(I) -> mono end end,
    C = [St(timestamp), St(monotonic_timestamp), St(strict_monotonic_timestamp)], _ = events(T),
    %% A tracer that ends.
    Q2 = spawn(?MODULE, slave, []), _ = do(Q2, fun() -> ok end),
    T2 = spawn(?MODULE, tracer, [[]]),
    D1 = [erlang:trace(Q2, true, [procs, {tracer, T2}]), ?TRY(erlang:trace(Q2, true, [send, {tracer, T}]))],
    exit(T2, kill), receive after 10 -> ok end,
    D2 = [erlang:trace_info(Q2, flags), erlang:trace_info(Q2, tracer), erlang:trace(Q2, true, [procs, {tracer, T}]),
        erlang:trace_info(Q2, flags), erlang:trace(Q2, false, [all]), erlang:trace_info(Q2, tracer)],
    exit(Q2, kill),
    E1 = [erlang:trace(new, true, [procs, {tracer, T}]), erlang:trace_info(new, flags), erlang:trace_info(new_processes, flags),
        erlang:trace_info(new_ports, flags)],
    Z = spawn(?MODULE, quick, []), receive after 10 -> ok end,
    E2 = [erlang:trace_info(new, tracer) =:= {tracer, T}, erlang:trace(new, false, [all]), erlang:trace_info(new, flags),
        name([{Z, z} | N], events(T))],
    F = [?TRY(erlang:trace(self(), maybe, [])), ?TRY(erlang:trace(Z, true, [])), ?TRY(erlang:trace(all, true, [bogus])),
        ?TRY(erlang:trace(bogus, true, [procs])), ?TRY(erlang:trace(self(), true, [{tracer, Z}])),
        erlang:trace_info(Z, flags), ?TRY(erlang:trace(self(), true, [cpu_timestamp])),
        erlang:trace(self(), true, [all]), erlang:trace_info(self(), flags), erlang:trace(self(), false, [all])],
    unlink(T), exit(T, kill),
    [A0, A1, A2, A3, A4, A5, A6, A7, A9, A10, A8, B, C, D1, D2, E1, E2, F].
