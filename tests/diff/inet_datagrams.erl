%% diff: full
%% Datagram sockets: both families and local ones, passive and active, connected, ancillary values, errors.
-module(inet_datagrams).
-export([run/0]).
-include("diff.hrl").

lo(inet) -> {127, 0, 0, 1};
lo(inet6) -> {0, 0, 0, 0, 0, 0, 0, 1}.

open(Family, Options) ->
    {ok, S} = gen_udp:open(0, [Family, {ip, lo(Family)} | Options]),
    {ok, Port} = inet:port(S),
    {S, Port}.

next(S) -> receive M when element(2, M) =:= S -> clean(M) after 3000 -> none end.

%% Ports of sockets are as they come.
clean({udp, _, IP, Port, Data}) -> {udp, IP, kind(Port), Data};
clean({udp, _, IP, Port, Anc, Data}) -> {udp, IP, kind(Port), lists:sort(Anc), Data};
clean({ok, {IP, Port, Data}}) -> {ok, IP, kind(Port), Data};
clean({ok, {IP, Port, Anc, Data}}) -> {ok, IP, kind(Port), lists:sort(Anc), Data};
clean({T, S}) when is_port(S) -> T;
clean({T, S, X}) when is_port(S) -> {T, X};
clean(X) -> X.

kind(0) -> 0;
kind(P) when is_integer(P) -> port.

passive(Family, Mode) ->
    {A, _} = open(Family, [Mode, {active, false}]),
    {B, Port} = open(Family, [Mode, {active, false}]),
    R = [gen_udp:send(A, lo(Family), Port, D) || D <- [<<"one">>, "two", [], [$a | <<"b">>], lists:duplicate(9000, $x)]],
    R2 = [gen_udp:recv(B, 0, 3000) || _ <- R],
    R3 = [gen_udp:recv(B, 0, 0), gen_udp:recv(B, 0, 20), gen_udp:send(A, lo(Family), Port, lists:duplicate(70000, 1)),
          gen_udp:send(A, "10.1.2", Port, "x"), gen_udp:send(A, lo(other(Family)), Port, "x")],
    gen_udp:close(A), gen_udp:close(B),
    {R, [short(X) || X <- R2], R3, gen_udp:send(A, lo(Family), Port, "x"), gen_udp:recv(A, 0)}.

other(inet) -> inet6;
other(inet6) -> inet.

short({ok, {IP, P, D}}) when is_list(D), length(D) > 100 -> {ok, IP, kind(P), length(D)};
short({ok, {IP, P, D}}) when is_binary(D), byte_size(D) > 100 -> {ok, IP, kind(P), byte_size(D)};
short(X) -> clean(X).

active() ->
    {A, _} = open(inet, [binary]),
    {B, Port} = open(inet, [binary, {active, once}]),
    S = fun(D) -> ok = gen_udp:send(A, {127, 0, 0, 1}, Port, D) end,
    [S([$0 + I]) || I <- lists:seq(1, 9)],
    R1 = next(B),
    R2 = inet:getopts(B, [active]),
    R3 = gen_udp:recv(B, 0, 3000),
    inet:setopts(B, [{active, 2}]),
    R4 = [next(B), next(B), next(B)],
    inet:setopts(B, [{active, true}, {mode, list}, {header, 1}]),
    R5 = [next(B) || _ <- [1, 2, 3]],
    inet:setopts(B, [{mode, binary}]),
    R6 = [next(B) || _ <- [1, 2]],
    R7 = gen_udp:recv(B, 0),
    [S(["many", $a + I]) || I <- lists:seq(1, 8)],
    R8 = [next(B) || _ <- lists:seq(1, 8)],
    {ok, Stat} = inet:getstat(B, [recv_cnt, recv_oct, recv_max, send_cnt, send_oct]),
    gen_udp:close(A), gen_udp:close(B),
    [clean(X) || X <- [R1, R2, R3]] ++ R4 ++ R5 ++ R6 ++ [R7, R8, Stat].

connected() ->
    {A, PA} = open(inet, [binary, {active, false}]),
    {B, PB} = open(inet, [binary, {active, false}]),
    {C, _} = open(inet, [binary, {active, false}]),
    R = [inet:peername(A), gen_udp:connect(A, {127, 0, 0, 1}, PB), gen_udp:send(A, "to b"), gen_udp:recv(B, 0, 3000),
         gen_udp:send(C, {127, 0, 0, 1}, PA, "from c"), gen_udp:recv(A, 0, 20), gen_udp:send(B, {127, 0, 0, 1}, PA, "from b"),
         gen_udp:recv(A, 0, 3000), gen_udp:connect(A, {127, 0, 0, 1}, 1), gen_udp:send(A, "nobody there"),
         gen_udp:recv(A, 0, 3000), gen_udp:send(B, "nowhere")],
    inet:setopts(A, [{active, true}]),
    R2 = [gen_udp:send(A, "nobody there"), next(A), is_tuple(inet:peername(A))],
    [gen_udp:close(S) || S <- [A, B, C]],
    {[clean(X) || X <- R], R2}.

ancillary(Family) ->
    {A, _} = open(Family, [binary]),
    {B, Port} = open(Family, [binary, {active, false} | receiving(Family)]),
    To = {lo(Family), Port},
    R = [gen_udp:send(A, To, Anc, "x") || Anc <- sending(Family)],
    R2 = [case X of ok -> clean(gen_udp:recv(B, 0, 3000)); _ -> X end || X <- R],
    inet:setopts(B, [{active, once}]),
    ok = gen_udp:send(A, element(1, To), Port, "last"),
    R3 = next(B),
    gen_udp:close(A), gen_udp:close(B),
    {R, R2, R3}.

receiving(inet) -> [{recvtos, true}, {recvttl, true}];
receiving(inet6) -> [{recvtclass, true}].
sending(inet) -> [[{tos, 16}], [{ttl, 9}], [{tos, 8}, {ttl, 7}], [], [{tos, 1}, {tos, 2}, {tos, 3}], [{nodelay, true}]];
sending(inet6) -> [[{tclass, 16}], []].

local() ->
    Names = ["inet_datagrams_a", "inet_datagrams_b"],
    [file:delete(N) || N <- Names],
    [A, B] = [begin {ok, S} = gen_udp:open(0, [local, {active, false}, {ifaddr, {local, N}}]), S end || N <- Names],
    {ok, U} = gen_udp:open(0, [local]),
    {ok, X} = gen_udp:open(0, [local, binary, {ifaddr, {local, <<0, "inet_datagrams_abstract">>}}]),
    To = {local, "inet_datagrams_b"},
    R = [gen_udp:send(A, To, 0, "from a"), gen_udp:recv(B, 0, 3000), gen_udp:send(U, To, 0, "unnamed"),
         gen_udp:recv(B, 0, 3000), inet:sockname(A), inet:sockname(U), inet:sockname(X), inet:port(A),
         gen_udp:send(A, {local, <<0, "inet_datagrams_abstract">>}, 0, "hidden")],
    R2 = [next(X), gen_udp:send(A, {local, "inet_datagrams_none"}, 0, "x"), element(1, ?TRY(gen_udp:send(A, {127, 0, 0, 1}, 9, "x"))),
          ?TRY(gen_udp:send(A, {local, lists:duplicate(108, $x)}, 0, "x")),
          ?TRY(gen_udp:open(0, [local, {ifaddr, {local, "/no/such/dir/s"}}])),
          ?TRY(gen_udp:open(0, [local, {ifaddr, {local, "inet_datagrams_a"}}]))],
    inet:setopts(B, [{active, true}]),
    R3 = [gen_udp:send(A, To, 0, "again"), next(B), gen_udp:send(U, To, 0, "again"), next(B)],
    [gen_udp:close(S) || S <- [A, B, U, X]],
    [file:delete(N) || N <- Names],
    {[clean(Y) || Y <- R], R2, R3}.

opening() ->
    {A, Port} = open(inet, []),
    R = [gen_udp:open(Port, [{ip, {127, 0, 0, 1}}]), gen_udp:open(0, [{ip, {203, 0, 113, 1}}]),
         ?TRY(gen_udp:open(-1)), ?TRY(gen_udp:open(0, [nonsense])), gen_udp:controlling_process(A, self()),
         prim_inet:gettype(A), prim_inet:getstatus(A), inet:socknames(A), inet:peernames(A)],
    Owner = spawn(fun() -> receive stop -> ok end end),
    R2 = [gen_udp:controlling_process(A, Owner), gen_udp:controlling_process(A, self())],
    M = monitor(port, A),
    Owner ! stop,
    R3 = receive {'DOWN', M, port, A, W} -> W after 3000 -> none end,
    {[norm(X) || X <- R], R2, R3}.

norm({ok, [{IP, P}]}) when is_integer(P) -> {ok, [{IP, port}]};
norm(X) -> X.

run() ->
    process_flag(trap_exit, true),
    [[passive(F, M) || F <- [inet, inet6], M <- [binary, list]], active(), connected(), ancillary(inet),
     ancillary(inet6), local(), opening(), diff_runner:flush(30)].
