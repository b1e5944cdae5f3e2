%% Loads probe_drv.c as a driver and prints what it and the ports over it do.
-module(probe_drv).
-export([main/1]).

show(What, Value) -> io:format("~s: ~p~n", [What, Value]).
got() -> got(2000).
got(Ms) -> receive M -> mask(M) after Ms -> nothing end.
mask(T) when is_port(T) -> port;
mask(T) when is_pid(T) -> if T =:= self() -> me; true -> pid end;
mask(T) when is_reference(T) -> ref;
mask(T) when is_tuple(T) -> list_to_tuple([mask(E) || E <- tuple_to_list(T)]);
mask([H | T]) -> [mask(H) | mask(T)];
mask(T) -> T.
reason(F) -> try F() catch C:R -> {C, R} end.
command(P, Text) -> port_command(P, Text), got().

main([Lib]) ->
    process_flag(trap_exit, true),
    Dir = filename:dirname(Lib),
    show("missing", element(1, element(2, erl_ddll:try_load(Dir, "no_such_driver", [])))),
    show("not loaded", erl_ddll:unload("probe_drv")),
    show("load", erl_ddll:load(Dir, "probe_drv")),
    show("again", erl_ddll:try_load(Dir, "probe_drv", [])),
    show("inconsistent", erl_ddll:try_load("/", "probe_drv", [])),
    show("users", [{mask(P), N} || {P, N} <- erl_ddll:info("probe_drv", processes)]),
    show("listed", lists:member("probe_drv", element(2, erl_ddll:loaded_drivers()))),
    show("unload one", erl_ddll:try_unload("probe_drv", [])),
    [show(N, reason(fun() -> open_port({spawn_driver, "probe_drv " ++ N}, []) end)) || N <- ["refuse", "refuse_errno", "refuse_badarg"]],
    show("no driver", reason(fun() -> open_port({spawn_driver, "nobody"}, []) end)),
    P = open_port({spawn, "probe_drv hello"}, []),
    show("name", erlang:port_info(P, name)),
    [show(C, command(P, C)) || C <- ["echo", "echo2", "echov", "flags", "caller", "to_caller", "timer", "cancel", "async", "anything"]],
    show("echob", [command(P, "echob"), got()]),
    show("terms", [command(P, "terms"), got(), got()]),
    show("pipe", command(P, "pipe")),
    show("write", lists:sort([command(P, "write"), got(), got(), got()])),
    show("queue", [command(P, "queue"), got(), got(), got()]),
    show("control", [port_control(P, 1, ["ab", <<"cd">>]), length(port_control(P, 3, [])), reason(fun() -> port_control(P, 77, "") end)]),
    B = open_port({spawn, "probe_drv binary"}, [binary]),
    show("binary control", [port_control(B, 1, "ab"), byte_size(port_control(B, 2, []))]),
    show("binary", [command(B, "echo"), command(B, "echo2"), command(B, "flags")]),
    show("call", [erlang:port_call(P, 9, {a, "list", <<1>>}), reason(fun() -> erlang:port_call(P, 8, x) end)]),
    busy(P),
    show("messages", begin P ! {self(), {command, "echo"}}, got() end),
    show("bad message", begin P ! nonsense, got() end),
    show("bad owner", begin spawn_link(fun() -> P ! {self(), {command, "echo"}}, receive X -> exit(X) after 1000 -> ok end end), got() end),
    show("bad data", reason(fun() -> port_command(P, [foo]) end)),
    Me = self(),
    Other = spawn_link(fun() -> receive go -> ok end, Me ! {port_command(P, "echo"), got(500)}, receive stop -> ok end end),
    show("connect", port_connect(P, Other)), Other ! go, show("connected", got()),
    show("links", lists:sort([mask(X) || X <- element(2, erlang:port_info(P, links))])),
    show("not owner", begin P ! {self(), {command, "echo"}}, got() end),
    show("connected is", erlang:port_info(P, connected) =:= {connected, Other}),
    Other ! stop, show("owner ends", lists:sort([got(), got()])),
    show("gone", erlang:port_info(P)),
    watch(B),
    [fails(C, O) || C <- ["fail_eof", "fail_atom", "fail_posix"], O <- [[], [eof]]],
    M = open_port({spawn, "probe_drv maker"}, []),
    {new_port, N} = begin port_command(M, "new_port"), receive Z -> Z end end,
    show("new port", {erlang:port_info(N, name), command(N, "echo")}),
    show("close new", {port_close(N), got()}),
    show("data", {erlang:port_set_data(M, {some, "data", <<1, 2>>}), erlang:port_get_data(M)}),
    show("register", {register(the_port, M), whereis(the_port) =:= M, command(the_port, "echo"), erlang:port_info(M, registered_name)}),
    Mon = erlang:monitor(port, the_port),
    show("monitors", length(element(2, erlang:port_info(M, monitored_by)))),
    show("in use", erl_ddll:try_unload("probe_drv", [{monitor, pending_driver}]) =:= nothing),
    show("unlink", {unlink(M), exit(M, normal), got(50), exit(M, kaput), got()}),
    show("unregistered", whereis(the_port)),
    show("ports", [X || X <- erlang:ports(), lists:prefix("probe", element(2, erlang:port_info(X, name)))]),
    show("down ref", is_reference(Mon)),
    show("unloaded", [got(), got(50)]),
    show("unloaded", erl_ddll:unload("probe_drv")),
    show("text", is_list(erl_ddll:format_error(not_loaded))),
    halt(0).

busy(P) ->
    show("busy", port_command(P, "busy")),
    show("nosuspend", port_command(P, "echo", [nosuspend])),
    show("force", {port_command(P, "echo", [force]), got()}),
    Me = self(),
    spawn(fun() -> R = port_command(P, "echo"), Me ! {after_busy, R} end),
    show("waits", got(50)),
    show("free", port_control(P, 4, [])),
    show("goes on", lists:sort([got(), got()])).

watch(B) ->
    Pid = spawn(fun() -> receive {monitor, From} -> From ! {monitored, port_control(B, 5, [])} end, receive stop -> ok end end),
    Pid ! {monitor, self()}, show("monitor", got()),
    Pid ! stop, show("process exit", got()),
    show("monitor me", [port_control(B, 5, []), port_control(B, 6, [])]),
    show("close", {port_close(B), got()}).

fails(Command, Options) ->
    P = open_port({spawn, "probe_drv"}, Options),
    Ref = erlang:monitor(port, P),
    show([Command, " ", io_lib:print(Options)], begin port_command(P, Command), Got = [got(50), got(50)], demonitor(Ref, [flush]), lists:sort(Got) end),
    catch port_close(P), got(50).
