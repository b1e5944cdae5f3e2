%% diff: full
%% Stream sockets of the families local and inet6, addresses in all their forms, and descriptors from outside.
-module(inet_streams_local).
-export([run/0]).
-include("diff.hrl").

local() ->
    Name = "inet_streams_local_socket",
    file:delete(Name),
    {ok, L} = gen_tcp:listen(0, [{ifaddr, {local, Name}}, {active, false}]),
    {ok, C} = gen_tcp:connect({local, Name}, 0, [{active, false}, {packet, 2}]),
    {ok, A} = gen_tcp:accept(L),
    inet:setopts(A, [{packet, 2}]),
    R = [inet:sockname(L), inet:sockname(A), inet:sockname(C), inet:peername(C), inet:peername(A), inet:port(L),
         gen_tcp:send(C, "over a local socket"), gen_tcp:recv(A, 0, 3000), gen_tcp:listen(0, [{ifaddr, {local, Name}}]),
         gen_tcp:connect({local, "inet_streams_local_none"}, 0, []), (catch gen_tcp:connect({local, lists:duplicate(200, $x)}, 0, [])),
         prim_inet:getstatus(L), prim_inet:getstatus(C), prim_inet:gettype(C), gen_tcp:shutdown(C, read_write),
         gen_tcp:recv(A, 0, 3000)],
    [gen_tcp:close(S) || S <- [L, C, A]],
    file:delete(Name),
    R.

abstract() ->
    Name = <<0, "inet_streams_local_abstract">>,
    {ok, L} = gen_tcp:listen(0, [{ifaddr, {local, Name}}, {active, false}]),
    {ok, C} = gen_tcp:connect({local, Name}, 0, [binary]),
    {ok, A} = gen_tcp:accept(L),
    ok = gen_tcp:send(A, "hello"),
    R = [inet:sockname(L), inet:peername(C), receive {tcp, C, D} -> D after 3000 -> none end],
    [gen_tcp:close(S) || S <- [L, C, A]],
    R.

inet6() ->
    {ok, L} = gen_tcp:listen(0, [inet6, {ip, loopback}, {active, false}]),
    {ok, {IP, Port}} = inet:sockname(L),
    {ok, C} = gen_tcp:connect({0, 0, 0, 0, 0, 0, 0, 1}, Port, [inet6, {active, false}]),
    {ok, A} = gen_tcp:accept(L),
    {ok, {PeerIP, PeerPort}} = inet:peername(A),
    {ok, Own} = inet:port(C),
    R = [IP, PeerIP, PeerPort =:= Own, gen_tcp:send(C, "six"), gen_tcp:recv(A, 3, 3000),
         gen_tcp:connect({127, 0, 0, 1}, Port, [inet6]), inet:getopts(L, [ipv6_v6only])],
    {ok, D} = gen_tcp:connect(#{family => inet6, addr => {0, 0, 0, 0, 0, 0, 0, 1}, port => Port, flowinfo => 0, scope_id => 0},
                              [inet6, {active, false}]),
    R2 = element(1, inet:peername(D)),
    [gen_tcp:close(S) || S <- [L, C, A, D]],
    {R, R2}.

names() ->
    {ok, L} = gen_tcp:listen(0, [{ip, any}, {active, false}]),
    {ok, Port} = inet:port(L),
    R0 = inet:sockname(L) =:= {ok, {{0, 0, 0, 0}, Port}},
    {ok, C} = gen_tcp:connect({127, 0, 0, 1}, Port, [{ip, {127, 0, 0, 2}}, {active, false}]),
    {ok, A} = gen_tcp:accept(L),
    {ok, {From, _}} = inet:peername(A),
    R = [inet:setpeername(C, {{1, 2, 3, 4}, 5}), inet:peername(C), inet:setpeername(C, undefined),
         inet:peername(C) =:= {ok, {{127, 0, 0, 1}, Port}}, inet:setsockname(C, {{9, 8, 7, 6}, 54}), inet:sockname(C),
         inet:setsockname(C, undefined), inet:peernames(C) =:= {ok, [{{127, 0, 0, 1}, Port}]},
         length(element(2, inet:socknames(C))), inet:peername(L), inet:peernames(L), prim_inet:getstatus(A)],
    [gen_tcp:close(S) || S <- [L, C, A]],
    {R0, From, R, inet:sockname(L), inet:setpeername(L, undefined), prim_inet:getstatus(L)}.

adopted() ->
    {ok, L} = gen_tcp:listen(0, [{ip, {127, 0, 0, 1}}, {active, false}]),
    {ok, Port} = inet:port(L),
    {ok, Fd} = prim_inet:getfd(L),
    {ok, L2} = gen_tcp:listen(0, [{fd, Fd}, {active, false}]),
    R = [inet:port(L2) =:= {ok, Port}],
    {ok, C} = gen_tcp:connect({127, 0, 0, 1}, Port, [{active, false}]),
    {ok, A} = gen_tcp:accept(L2),
    R2 = [gen_tcp:send(C, "x"), gen_tcp:recv(A, 1, 3000), gen_tcp:listen(0, [{fd, 9999}]),
          gen_udp:open(0, [{fd, 9999}]), prim_inet:fdopen(tcp, inet6, stream, Fd)],
    [gen_tcp:close(S) || S <- [C, A, L2, L]],
    R ++ R2.

ignored() ->
    {ok, L} = gen_tcp:listen(0, [{ip, {127, 0, 0, 1}}, {active, false}]),
    {ok, Port} = inet:port(L),
    {ok, C} = gen_tcp:connect({127, 0, 0, 1}, Port, [{active, false}]),
    {ok, A} = gen_tcp:accept(L),
    R = [prim_inet:ignorefd(L, true), prim_inet:ignorefd(C, true), prim_inet:ignorefd(C, true), gen_tcp:send(A, "abc"),
         gen_tcp:recv(C, 3, 30), prim_inet:ignorefd(C, false), prim_inet:ignorefd(C, false), gen_tcp:recv(C, 3, 3000)],
    [gen_tcp:close(S) || S <- [L, C, A]],
    R.

run() ->
    process_flag(trap_exit, true),
    [local(), abstract(), inet6(), names(), adopted(), ignored(), diff_runner:flush(30)].
