%% diff: full
%% Every option of stream, datagram and local sockets: what setting says and what getting gives.
-module(inet_options).
-export([run/0]).
-include("diff.hrl").

all() ->
    [active, add_membership, bind_to_device, broadcast, buffer, debug, delay_send, deliver, dontroute,
     drop_membership, exit_on_close, header, high_msgq_watermark, high_watermark, ipv6_v6only, keepalive,
     linger, low_msgq_watermark, low_watermark, mode, multicast_loop, multicast_ttl, netns, nodelay, nopush,
     packet, packet_size, pktoptions, priority, read_packets, recbuf, recvtclass, recvtos, recvttl, reuseaddr,
     send_timeout, send_timeout_close, show_econnreset, sndbuf, tclass, tos, ttl, line_delimiter, nonsense].

settings() ->
    [{active, once}, {active, false}, {active, 5}, {active, -5}, {active, false}, {broadcast, true},
     {buffer, 5000}, {buffer, 0}, {buffer, -1}, {delay_send, true}, {delay_send, false}, {deliver, port},
     {deliver, term}, {dontroute, true}, {dontroute, false}, {exit_on_close, false}, {exit_on_close, true},
     {header, 3}, {header, 0}, {high_msgq_watermark, 10000}, {low_msgq_watermark, 5000}, {high_msgq_watermark, 0},
     {high_watermark, 100}, {low_watermark, 50}, {low_watermark, 200}, {high_watermark, -1}, {keepalive, true},
     {linger, {true, 3}}, {linger, {false, 0}}, {mode, binary}, {mode, list}, {multicast_loop, false},
     {multicast_ttl, 7}, {nodelay, true}, {nodelay, false}, {nopush, true}, {nopush, false}, {packet, 4},
     {packet, http_bin}, {packet, 3}, {packet, raw}, {packet_size, 100}, {packet_size, 0}, {priority, 3},
     {read_packets, 9}, {read_packets, 0}, {recbuf, 20000}, {sndbuf, 30000}, {recvtos, true}, {recvttl, true},
     {recvtclass, true}, {reuseaddr, true}, {send_timeout, 10}, {send_timeout, infinity},
     {send_timeout_close, true}, {show_econnreset, true}, {tos, 16}, {priority, 0}, {ttl, 33}, {tclass, 8},
     {line_delimiter, $x}, {line_delimiter, $\n}, {raw, 1, 9, <<1:32/native>>}, {raw, 6, 1, <<1:32/native>>},
     {raw, 99, 99, <<>>}, {bind_to_device, <<"no such device">>}, {bind_to_device, <<>>},
     {bind_to_device, binary:copy(<<"x">>, 100)}, {ipv6_v6only, true},
     {add_membership, {{224, 0, 0, 5}, {127, 0, 0, 1}}}, {drop_membership, {{224, 0, 0, 5}, {127, 0, 0, 1}}},
     {add_membership, {{224, 0, 0, 5}, any}}, {add_membership, {{1, 2}, any}}, {nonsense, 1}, nonsense, {debug, false}].

sockets() ->
    Path = "inet_options_socket",
    file:delete(Path),
    [{tcp, gen_tcp:listen(0, [{ip, {127, 0, 0, 1}}])},
     {tcp6, gen_tcp:listen(0, [inet6, {ip, {0, 0, 0, 0, 0, 0, 0, 1}}])},
     {udp, gen_udp:open(0, [{ip, {127, 0, 0, 1}}])},
     {udp6, gen_udp:open(0, [inet6, {ip, {0, 0, 0, 0, 0, 0, 0, 1}}])},
     {local, gen_tcp:listen(0, [local, {ifaddr, {local, Path}}])}].

%% The system's own sizes and flags may change while the test runs; they are the same here.
get(S, O) -> try inet:getopts(S, [O]) catch C:R -> {C, R} end.

connected() ->
    {ok, L} = gen_tcp:listen(0, [{ip, {127, 0, 0, 1}}, {active, false}, {nodelay, true}, {packet, 2}, binary,
        {buffer, 3000}, {send_timeout, 77}, {send_timeout_close, true}, {high_watermark, 9999}, {delay_send, true},
        {keepalive, true}, {linger, {true, 2}}, {show_econnreset, true}, {header, 2}, {packet_size, 50},
        {exit_on_close, false}, {recvtos, true}, {tos, 96}]),
    {ok, Port} = inet:port(L),
    {ok, C} = gen_tcp:connect({127, 0, 0, 1}, Port, [{active, false}, {recvtos, true}, {recvttl, true}, {tos, 32}]),
    {ok, A} = gen_tcp:accept(L),
    Opts = all() -- [sndbuf, recbuf, add_membership, drop_membership, nonsense, line_delimiter],
    R = [{O, get(A, O), get(C, O)} || O <- Opts],
    R2 = [inet:getopts(C, [{raw, 6, 1, 4}]), inet:getopts(C, [{raw, 6, 1, <<0:32>>}]), inet:getopts(C, [{raw, 6, 1, 100000}]),
          inet:getopts(C, [{raw, 99, 1, 4}]), inet:getopts(C, [active, nodelay, mode]), inet:getopts(C, []),
          inet:setopts(C, [{active, once}, {packet, 3}]), inet:getopts(C, [active])],
    [gen_tcp:close(X) || X <- [L, A, C]],
    {R, R2, get(A, active), ?TRY(inet:setopts(A, [{active, true}]))}.

netns() ->
    {ok, U} = gen_udp:open(0),
    Set = [{inet:setopts(U, [{netns, N}]), inet:getopts(U, [netns])} || N <- ["", "/proc/self/ns/net"]],
    gen_udp:close(U),
    [Set, gen_tcp:listen(0, [{netns, "/no/such/namespace"}]), gen_udp:open(0, [{netns, "/no/such/namespace"}]),
     gen_tcp:connect({127, 0, 0, 1}, 1, [{netns, <<"/no/such/namespace">>}])].

run() ->
    Sockets = sockets(),
    R = [{Kind, [{O, get(S, O)} || O <- all()],
          [{O, try inet:setopts(S, [O]) catch C:E -> {C, E} end,
            case O of {N, _} -> get(S, N); _ -> none end} || O <- settings()]}
         || {Kind, {ok, S}} <- Sockets],
    [gen_tcp:close(S) || {K, {ok, S}} <- Sockets, K =/= udp, K =/= udp6],
    file:delete("inet_options_socket"),
    [{K, element(1, X)} || {K, X} <- Sockets] ++ R ++ [connected(), netns()].
