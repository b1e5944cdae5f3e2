%% Loads probe_flow_drv.c and prints how data flows through ports over it.
-module(probe_flow_drv).
-export([main/1]).

show(What, Value) -> io:format("~s: ~p~n", [What, Value]).
got() -> got(3000).
got(Ms) -> receive M -> mask(M) after Ms -> nothing end.
mask(P) when is_port(P) -> port;
mask(P) when is_pid(P) -> pid;
mask(R) when is_reference(R) -> ref;
mask(T) when is_tuple(T) -> list_to_tuple([mask(E) || E <- tuple_to_list(T)]);
mask(T) -> T.
open() -> open_port({spawn_driver, "probe_flow_drv"}, []).
told(P, Command, N) -> true = port_command(P, Command), show(Command, [got() || _ <- lists:seq(1, N)]).

main([Lib]) ->
    process_flag(trap_exit, true),
    ok = erl_ddll:load(filename:dirname(Lib), "probe_flow_drv"),
    P = open(),
    told(P, "threads", 8),
    told(P, "pdl", 6),
    told(P, "async", 5),
    told(P, "timers", 2),
    told(P, "time", 3),
    told(P, "limits", 1),
    flow(P),
    messages(P),
    flushing(P),
    killed(),
    child(),
    [ending(C) || C <- ["exit", "exit_posix", control, input]],
    show("left over", [X =:= P || X <- erlang:ports(), lists:prefix("probe", element(2, erlang:port_info(X, name)))]),
    ok = erl_ddll:unload("probe_flow_drv"),
    halt(0).

%% More than a pipe holds: it is written as somebody reads, and who sends meanwhile waits.
flow(P) ->
    true = port_command(P, binary:copy(<<"a">>, 200000)),
    true = port_command(P, binary:copy(<<"b">>, 150000)),
    show("busy", port_command(P, "c", [nosuspend])),
    show("queued", element(2, erlang:port_info(P, queue_size)) > 200000),
    Me = self(),
    S = spawn_link(fun() -> Me ! {sent, port_command(P, "waited!")} end),
    show("sender waits", {got(50), is_process_alive(S)}),
    true = port_command(P, "read", [force]),
    show("flows", lists:sort([got(), got(), got()])),
    show("empty", erlang:port_info(P, queue_size)).

%% A message to a busy port suspends its sender as well.
messages(P) ->
    port_control(P, 1, ""),
    Me = self(),
    S = spawn_link(fun() ->
            receive go -> ok end,
            P ! {Me, {command, "by message!"}},
            [erlang:yield() || _ <- lists:seq(1, 10)],
            Me ! went_on
        end),
    S ! go,
    show("suspended", {got(80), process_info(S, status)}),
    port_control(P, 2, ""),
    show("goes on", lists:sort([got(), got(), got()])).

%% The port reads what it writes once it is flushing, so everything is written before it stops.
flushing(_) ->
    P = open(),
    true = port_command(P, binary:copy(<<"q">>, 400000)),
    unlink(P),
    monitor(port, P),
    true = port_close(P),
    show("flushed", lists:sort([erase_count(got()), erase_count(got()), erase_count(got())])).
erase_count({flushing, N}) when N > 0 -> flushing;
erase_count({'DOWN', _, port, port, R}) -> {down, R};
erase_count(M) -> M.

killed() ->
    P = open(),
    true = port_command(P, binary:copy(<<"q">>, 200000)),
    exit(P, kill),
    show("killed", [element(1, M) || M <- lists:sort([got(), got()])]).

child() ->
    P = open(),
    true = port_command(P, "child"),
    show("child", [got() || _ <- lists:seq(1, 4)]),
    [C] = [X || X <- erlang:ports(), erlang:port_info(X, name) =:= {name, "probe child"}],
    show("its owner", erlang:port_info(C, connected) =:= {connected, self()}),
    show("linked", lists:member(C, element(2, process_info(self(), links)))),
    true = port_command(C, "more!"),
    show("its data", got()),
    true = port_close(C),
    show("closed", lists:sort([got(), got()])),
    true = port_close(P),
    show("closed", lists:sort([got(), got()])).

ending(control) ->
    P = open(),
    show("control", {port_control(P, 3, ""), lists:sort([got(), got()]), erlang:port_info(P)});
ending(input) ->
    P = open(),
    true = port_command(P, "read"),
    true = port_command(P, "x!"),
    show("input", lists:sort([got(), got(), got()]));
ending(Command) ->
    P = open(),
    true = port_command(P, Command),
    show(Command, {got(), got(50), erlang:port_info(P)}).
