%% What two nodes do with each other, whatever virtual machines they run on. run/1 is called on one of
%% them with the other's name; it prints a line per check and answers how many went wrong.
-module(cluster).
-behaviour(gen_server).
-export([run/1, serve/0, kill_me/0, put_bytes/2]).
-export([init/1, handle_call/3, handle_cast/2]).

-define(WAIT, 10000).

%% ---- the other side ----

serve() ->
    {ok, _} = gen_server:start({local, cluster_server}, ?MODULE, [], []),
    ok.

init([]) -> {ok, 0}.
handle_call({echo, T}, _From, N) -> {reply, T, N + 1};
handle_call(count, _From, N) -> {reply, N, N};
handle_call(crash, _From, _N) -> exit(on_purpose).
handle_cast(_, N) -> {noreply, N}.

%% The operating system's kill -9.
kill_me() -> os:cmd("kill -9 " ++ os:getpid()).

%% A packet of these bytes, past the virtual machine, to a connected node.
put_bytes(Node, Bytes) ->
    {Node, Port} = lists:keyfind(Node, 1, erlang:system_info(dist_ctrl)),
    port_command(Port, Bytes).

%% ---- this side ----

run(Node) ->
    process_flag(trap_exit, true),
    Checks = checks(Node),
    Bad = [Name || {Name, Expected, Fun} <- Checks, not check(Name, Expected, Fun)],
    io:format("~b checks, ~b failed~n", [length(Checks), length(Bad)]),
    length(Bad).

check(Name, Expected, Fun) ->
    Got = try Fun() catch C:R:S -> {C, R, S} end,
    flush(),
    case Got of
        Expected -> io:format("ok    ~s~n", [Name]), true;
        _ -> io:format("WRONG ~s: ~0tp, expected ~0tp~n", [Name, Got, Expected]), false
    end.

flush() -> receive _ -> flush() after 0 -> ok end.

wait(F) -> wait(F, 200).
wait(_, 0) -> timeout;
wait(F, N) -> case F() of true -> true; _ -> timer:sleep(25), wait(F, N - 1) end.

%% What the fun makes of the first message that it takes. Others stay in the queue, behind what comes.
next(F) -> next(F, []).
next(F, Skipped) ->
    receive
        M ->
            try F(M) of
                R -> put_back(Skipped), R
            catch
                error:function_clause -> next(F, [M | Skipped])
            end
    after ?WAIT -> put_back(Skipped), timeout
    end.

put_back(Skipped) -> [self() ! M || M <- lists:reverse(Skipped)].

idle() -> timer:sleep(infinity).

%% Everything sent there before has been handled.
sync(Node) -> Node = erpc:call(Node, erlang, node, []).

checks(N) ->
    [{"ping", pong, fun() -> net_adm:ping(N) end},
     {"nodes", {[N], [N], []}, fun() -> {nodes(), nodes(connected), nodes(hidden)} end},
     {"nodes as the other sees them", [node()], fun() -> rpc:call(N, erlang, nodes, []) end},
     {"rpc", {ok, N}, fun() -> {ok, rpc:call(N, erlang, node, [])} end},
     {"rpc of something that fails", badrpc, fun() -> element(1, rpc:call(N, erlang, error, [no])) end},
     {"erpc", N, fun() -> erpc:call(N, fun() -> node() end) end},
     {"erpc with an exception", {error, {exception, reason}},
      fun() -> try erpc:call(N, erlang, error, [reason]) catch C:{A, B, _} -> {C, {A, B}} end end},
     {"erpc:multicall", [{ok, N}, {ok, node()}], fun() -> erpc:multicall([N, node()], erlang, node, []) end},
     {"an unloaded module's error", {error, {exception, undef, [{no_such_module, f, [1], []}]}},
      fun() -> try erpc:call(N, no_such_module, f, [1]) catch C:R -> {C, R} end end},
     {"spawn", {hello, N},
      fun() -> S = self(), P = spawn(N, fun() -> S ! {self(), hello, node()} end), next(fun({Q, hello, X}) when Q =:= P -> {hello, X} end) end},
     {"spawn_link", why, fun() -> P = spawn_link(N, erlang, exit, [why]), next(fun({'EXIT', Q, R}) when P =:= Q -> R end) end},
     {"spawn_monitor", {why, process},
      fun() -> {P, M} = spawn_monitor(N, erlang, exit, [why]), next(fun({'DOWN', R, T, Q, W}) when R =:= M, P =:= Q -> {W, T} end) end},
     {"spawn_request", {normal, normal, N},
      fun() ->
              R = spawn_request(N, erlang, node, [], [link, {monitor, [{tag, {down, 1}}]}, {reply_tag, {tag, 2}}]),
              P = next(fun({{tag, 2}, R1, ok, P1}) when R1 =:= R -> P1 end),
              D = next(fun({{down, 1}, R1, process, P1, W}) when R1 =:= R, P1 =:= P -> W end),
              E = next(fun({'EXIT', P1, W}) when P1 =:= P -> W end),
              {D, E, node(P)}
      end},
     {"spawn_request with a bad option", badopt,
      fun() -> R = spawn_request(N, erlang, node, [], [nonsense]), next(fun({spawn_reply, R1, error, E}) when R1 =:= R -> E end) end},
     {"spawn_request without replies", nothing,
      fun() -> spawn_request(N, erlang, node, [], [{reply, no}]), receive X -> X after 100 -> nothing end end},
     {"spawn_opt", {normal, low},
      fun() ->
              S = self(),
              {P, M} = spawn_opt(N, fun() -> S ! {prio, process_info(self(), priority)} end, [monitor, {priority, low}]),
              {_, Low} = next(fun({prio, X}) -> X end),
              {next(fun({'DOWN', R, _, Q, W}) when R =:= M, P =:= Q -> W end), Low}
      end},
     {"link, unlink, link again, exit", {true, [], bang},
      fun() ->
              P = spawn(N, fun idle/0),
              link(P), sync(N),
              {links, L} = erpc:call(N, erlang, process_info, [P, links]),
              unlink(P), sync(N),
              {links, L2} = erpc:call(N, erlang, process_info, [P, links]),
              link(P),
              exit(P, bang),
              {L =:= [self()], L2, next(fun({'EXIT', Q, R}) when Q =:= P -> R end)}
      end},
     {"link to nobody", noproc,
      fun() -> {P, M} = spawn_monitor(N, erlang, node, []), next(fun({'DOWN', R, _, _, _}) when R =:= M -> ok end),
               link(P), next(fun({'EXIT', Q, R}) when Q =:= P -> R end) end},
     {"this side's death reaches the other", {linked_died, self_inflicted},
      fun() ->
              S = self(),
              Q = spawn(N, fun() -> process_flag(trap_exit, true), S ! up, receive {'EXIT', _, R} -> S ! {linked_died, R} end end),
              next(fun(up) -> ok end),
              spawn(fun() -> link(Q), exit(self_inflicted) end),
              next(fun({linked_died, R}) -> {linked_died, R} end)
      end},
     {"monitor a pid", {killed, true},
      fun() ->
              P = spawn(N, fun idle/0),
              M = monitor(process, P),
              {monitors, Ms} = process_info(self(), monitors),
              exit(P, kill),
              {next(fun({'DOWN', R, process, Q, W}) when R =:= M, Q =:= P -> W end), lists:member({process, P}, Ms)}
      end},
     {"monitor a name", {{cluster_nobody, N}, noproc},
      fun() -> M = monitor(process, {cluster_nobody, N}), next(fun({'DOWN', R, process, W, Why}) when R =:= M -> {W, Why} end) end},
     {"demonitor", {true, []},
      fun() ->
              P = spawn(N, fun idle/0),
              M = monitor(process, P), sync(N),
              {monitored_by, A} = erpc:call(N, erlang, process_info, [P, monitored_by]),
              demonitor(M), sync(N),
              {monitored_by, B} = erpc:call(N, erlang, process_info, [P, monitored_by]),
              exit(P, kill),
              {A =:= [self()], B}
      end},
     {"the other monitors this side", {seen, self_inflicted},
      fun() ->
              S = self(),
              P = spawn(fun() -> receive go -> exit(self_inflicted) end end),
              spawn(N, fun() -> M = monitor(process, P), S ! up, receive {'DOWN', M, process, P, R} -> S ! {seen, R} end end),
              next(fun(up) -> ok end), P ! go,
              next(fun({seen, R}) -> {seen, R} end)
      end},
     {"reply alias", {first, nothing},
      fun() ->
              A = alias([reply]),
              spawn(N, fun() -> A ! {self(), first}, A ! {self(), second} end),
              {next(fun({_, X}) -> X end), receive {_, X} -> X after 200 -> nothing end}
      end},
     {"an alias comes back as it went", {true, true, got},
      fun() ->
              A = alias(),
              B = erpc:call(N, fun() -> A end),
              B ! got,
              {A =:= B, ref_to_list(A) =:= ref_to_list(B), next(fun(got) -> got end)}
      end},
     {"monitor with alias", {pong, nothing},
      fun() ->
              P = spawn(N, fun() -> receive {A, ping} -> A ! pong end, idle() end),
              A = monitor(process, P, [{alias, reply_demonitor}]),
              P ! {A, ping},
              R = next(fun(pong) -> pong end),
              exit(P, kill),
              {R, receive X -> X after 200 -> nothing end}
      end},
     {"gen_server", {{a, "b", <<"c">>}, true},
      fun() -> {gen_server:call({cluster_server, N}, {echo, {a, "b", <<"c">>}}),
                gen_server:call({cluster_server, N}, count) > 0} end},
     {"gen_server that dies in a call", {{on_purpose, gen_server}, true},
      fun() ->
              Old = rpc:call(N, erlang, whereis, [cluster_server]),
              R = try gen_server:call({cluster_server, N}, crash) catch exit:{W, {M, call, _}} -> {W, M} end,
              true = wait(fun() -> undefined =:= rpc:call(N, erlang, whereis, [cluster_server]) end),
              ok = rpc:call(N, ?MODULE, serve, []),
              {R, Old =/= rpc:call(N, erlang, whereis, [cluster_server])}
      end},
     {"gen_server:multi_call", {[{N, x}], []}, fun() -> gen_server:multi_call([N], cluster_server, {echo, x}) end},
     {"global name", {yes, true, undefined},
      fun() ->
              P = spawn(fun idle/0),
              Y = global:register_name(cluster_global, P),
              S = erpc:call(N, global, whereis_name, [cluster_global]) =:= P,
              global:unregister_name(cluster_global),
              exit(P, kill),
              {Y, S, erpc:call(N, global, whereis_name, [cluster_global])}
      end},
     {"global lock", {true, true},
      fun() -> {global:set_lock({cluster_lock, self()}), global:del_lock({cluster_lock, self()})} end},
     {"pg group", {ok, true},
      fun() ->
              _ = pg:start(cluster_pg), _ = rpc:call(N, pg, start, [cluster_pg]),
              P = spawn(N, fun idle/0),
              J = rpc:call(N, pg, join, [cluster_pg, g, P]),
              S = wait(fun() -> pg:get_members(cluster_pg, g) =:= [P] end),
              exit(P, kill),
              {J, S andalso wait(fun() -> pg:get_members(cluster_pg, g) =:= [] end)}
      end},
     {"10 MB there and back", true, fun() -> B = big(), erpc:call(N, lists, last, [[B]]) =:= B end},
     {"10 MB of a list", true, fun() -> L = lists:seq(1, 700000), erpc:call(N, lists, append, [[L]]) =:= L end},
     {"terms of all kinds", true, fun() -> T = kinds(), erpc:call(N, lists, last, [[T]]) =:= T end},
     {"a fun that was made there", 42, fun() -> F = erpc:call(N, fun() -> X = 40, fun(Y) -> X + Y end end), F(2) end},
     {"many atoms", {true, true},
      fun() ->
              A = [list_to_atom("cluster_" ++ integer_to_list(I)) || I <- lists:seq(1, 3000)],
              {erpc:call(N, lists, append, [[A]]) =:= A, erpc:call(N, lists, append, [[A]]) =:= A}
      end},
     {"order of many messages", 20000,
      fun() ->
              S = self(),
              P = spawn(N, fun() -> S ! {counted, count(0)} end),
              [P ! {I, lists:duplicate(50, I)} || I <- lists:seq(1, 20000)],
              P ! done,
              next(fun({counted, C}) -> C end)
      end},
     {"many senders to one", 8000,
      fun() ->
              S = self(),
              [spawn(N, fun() -> [S ! {many, binary:copy(<<I>>, 300)} || I <- lists:seq(1, 200)] end) || _ <- lists:seq(1, 40)],
              many(8000, 0)
      end},
     {"group leader there", true,
      fun() -> S = self(), GL = spawn(fun idle/0), P = spawn(N, fun() -> receive go -> S ! {gl, group_leader()} end end),
               group_leader(GL, P), P ! go, next(fun({gl, X}) -> X =:= GL end) end},
     {"output comes to this side's group leader", true,
      fun() ->
              S = self(),
              GL = spawn(fun() -> receive {io_request, F, R, Q} -> F ! {io_reply, R, ok}, S ! {wrote, Q} end end),
              spawn(fun() -> group_leader(GL, self()), rpc:call(N, io, put_chars, ["text"]) end),
              next(fun({wrote, Q}) -> element(1, Q) =:= put_chars end)
      end},
     {"send/3 to a node that is not there", {noconnect, ok},
      fun() -> {erlang:send({x, cluster_nowhere@nowhere}, hi, [noconnect]), erlang:send({x, N}, hi, [noconnect])} end},
     {"a node that is not there", {noconnection, noconnection},
      fun() ->
              M = monitor(process, {x, cluster_nowhere@nowhere}),
              A = next(fun({'DOWN', R, _, _, W}) when R =:= M -> W end),
              {P, M2} = spawn_monitor(cluster_nowhere@nowhere, erlang, node, []),
              {A, next(fun({'DOWN', R, _, Q, W}) when R =:= M2, Q =:= P -> W end)}
      end},
     {"disconnect and connect again", {true, nodedown, [], pong, nodeup},
      fun() ->
              ok = net_kernel:monitor_nodes(true),
              D = erlang:disconnect_node(N),
              Down = next(fun({nodedown, X}) when X =:= N -> nodedown end),
              L = nodes(),
              P = net_adm:ping(N),
              Up = next(fun({nodeup, X}) when X =:= N -> nodeup end),
              ok = net_kernel:monitor_nodes(false),
              {D, Down, L, P, Up}
      end},
     {"links and monitors when a connection goes down", [{down, noconnection}, {exit, noconnection}, {nodedown, N}],
      fun() ->
              P = spawn(N, fun idle/0),
              link(P),
              M = monitor(process, P),
              erlang:monitor_node(N, true),
              sync(N),
              erlang:disconnect_node(N),
              A = next(fun({'DOWN', R, _, _, W}) when R =:= M -> {down, W} end),
              B = next(fun({'EXIT', Q, W}) when Q =:= P -> {exit, W} end),
              C = next(fun({nodedown, X}) when X =:= N -> {nodedown, X} end),
              true = wait(fun() -> net_adm:ping(N) =:= pong end),
              lists:sort([A, B, C])
      end},
     {"bytes that no node should send, from there", [pong || _ <- garbage()], fun() -> [damage(N, fun(B) -> erpc:cast(N, ?MODULE, put_bytes, [node(), B]) end, G) || G <- garbage()] end},
     {"bytes that no node should send, from here", [pong || _ <- garbage()], fun() -> [damage(N, fun(B) -> put_bytes(N, B) end, G) || G <- garbage()] end},
     {"senders wait for a slow connection", {true, 100, true}, fun() -> slow(N) end},
     {"a hidden node", {pong, true, false},
      fun() ->
              {ok, Peer, H} = peer:start(#{name => peer:random_name(), host => "127.0.0.1", args => ["-hidden", "-setcookie", atom_to_list(erlang:get_cookie())]}),
              R = {net_adm:ping(H), lists:member(H, nodes(hidden)), lists:member(H, nodes())},
              peer:stop(Peer),
              R
      end},
     {"peer over standard input and output", {true, down},
      fun() ->
              {ok, Peer, Name} = peer:start(#{name => peer:random_name(), host => "127.0.0.1", connection => standard_io}),
              R = peer:call(Peer, erlang, node, []) =:= Name,
              M = monitor(process, Peer),
              peer:stop(Peer),
              {R, next(fun({'DOWN', Q, _, _, _}) when Q =:= M -> down end)}
      end},
     {"kill -9", {nodedown, connection_closed, true, {'DOWN', noconnection}},
      fun() ->
              ok = net_kernel:monitor_nodes(true, [nodedown_reason]),
              M = monitor(process, {cluster_server, N}),
              sync(N),
              spawn(N, ?MODULE, kill_me, []),
              {A, B} = next(fun({nodedown, X, I}) when X =:= N -> {nodedown, proplists:get_value(nodedown_reason, I)} end),
              D = next(fun({'DOWN', R, _, _, W}) when R =:= M -> {'DOWN', W} end),
              ok = net_kernel:monitor_nodes(false, [nodedown_reason]),
              {A, B, not lists:member(N, nodes()), D}
      end}].

%% The one that gets it ends the connection, and lives.
damage(N, Send, Bytes) ->
    pong = net_adm:ping(N),
    erlang:monitor_node(N, true),
    Send(Bytes),
    next(fun({nodedown, X}) when X =:= N -> ok end),
    true = wait(fun() -> net_adm:ping(N) =:= pong end),
    net_adm:ping(N).

garbage() ->
    Control = fun(T) -> <<131, B/binary>> = term_to_binary(T), <<131, 68, 0, B/binary>> end,
    [<<1, 2, 3, 4>>, <<131, 68>>, <<131, 68, 1, 0, 5, 106>>, <<131, 68, 0, 104, 200>>,
     <<131, 70, 1:64, 7:64, 0>>, <<131, 69, 1:64, 2:64, 255>>, Control(atom), Control({}), Control({99, a}),
     Control({1, self()}), Control({22, a, b}), Control({35, -1, self(), self()}), Control({19, a, b, c}),
     Control({29, a, b, c, d, e}), Control({31, self(), 1, 2, 3}), Control({1 bsl 70})].

%% The other side's reader stands still: the queue fills, senders are suspended and reported, and in the
%% end everything arrives.
slow(N) ->
    S = self(),
    P = spawn(N, fun() -> S ! {all, many(100, 0)} end),
    {N, Port} = lists:keyfind(N, 1, erlang:system_info(dist_ctrl)),
    Os = erpc:call(N, os, getpid, []),
    os:cmd("kill -STOP " ++ Os),
    erlang:system_monitor(self(), [busy_dist_port]),
    W = spawn(fun() -> [P ! {many, binary:copy(<<I>>, 1000000)} || I <- lists:seq(1, 100)] end),
    Told = next(fun({monitor, X, busy_dist_port, Q}) when X =:= W -> Q =:= Port end),
    %% What the operating system takes may let the writer go on a few times.
    Not = wait(fun() -> erlang:send(P, other, [nosuspend]) =:= nosuspend end),
    erlang:system_monitor(undefined),
    os:cmd("kill -CONT " ++ Os),
    {Told, next(fun({all, C}) -> C end), Not}.

count(N) -> receive {I, _} when I =:= N + 1 -> count(N + 1); done -> N; _ -> {out_of_order, N} end.

many(0, N) -> N;
many(Left, N) -> receive {many, _} -> many(Left - 1, N + 1) after ?WAIT -> N end.

big() -> binary:copy(<<"0123456789">>, 1000000).

kinds() ->
    {atom, 'åäö', -1, 1 bsl 70, -(1 bsl 200), 1.5, "text", [1 | 2], [], {}, <<>>, <<1:3>>, <<"binary">>,
     binary:copy(<<"x">>, 1000), #{}, #{a => 1, {k} => [v]}, maps:from_list([{I, I} || I <- lists:seq(1, 100)]),
     self(), make_ref(), hd(erlang:ports()), fun lists:map/2, list_to_tuple(lists:seq(1, 300)),
     lists:duplicate(300, $x), list_to_pid("<0.1.2>")}.
