%% diff: full
%% Full queues: send timeouts, busy ports, watermarks; files as source; counters; resets and lingering.
-module(inet_busy).
-export([run/0]).
-include("diff.hrl").

pair(Ours, Theirs) ->
    {ok, L} = gen_tcp:listen(0, [{ip, {127, 0, 0, 1}}, {active, false}, binary | Theirs]),
    {ok, Port} = inet:port(L),
    {ok, C} = gen_tcp:connect({127, 0, 0, 1}, Port, [{active, false}, binary | Ours]),
    {ok, A} = gen_tcp:accept(L),
    ok = gen_tcp:close(L),
    {A, C}.

small() -> {[{sndbuf, 4096}, {high_watermark, 10000}, {low_watermark, 5000}], [{recbuf, 4096}]}.
jam() -> jam([]).
jam(More) ->
    {Ours, Theirs} = small(),
    {A, C} = pair([{send_timeout, 50} | Ours] ++ More, Theirs),
    {A, C, fill(C, 0)}.
fill(C, N) ->
    case gen_tcp:send(C, binary:copy(<<N>>, 50000)) of
        ok when N < 255 -> fill(C, N + 1);
        R -> R
    end.

drain(A) -> drain(A, 0).
drain(A, N) ->
    case gen_tcp:recv(A, 0, 500) of
        {ok, B} -> drain(A, N + byte_size(B));
        E -> {E, N rem 50000}
    end.

timeouts() ->
    {A, C, R} = jam(),
    {ok, [{send_pend, Pending}]} = inet:getstat(C, [send_pend]),
    R2 = gen_tcp:send(C, <<"one more">>),
    inet:setopts(C, [{send_timeout, 0}]),
    R3 = [gen_tcp:send(C, <<"x">>), gen_tcp:send(C, <<"y">>)],
    inet:setopts(C, [{send_timeout, infinity}]),
    Me = self(),
    P = spawn(fun() -> Me ! {self(), gen_tcp:send(C, binary:copy(<<"z">>, 50000))} end),
    timer:sleep(30),
    Busy = erlang:port_command(C, <<"not now">>, [nosuspend]),
    Q = spawn(fun() -> Me ! {self(), gen_tcp:send(C, <<"suspended">>)} end),
    timer:sleep(20),
    R4 = drain(A),
    R5 = [receive {X, Z} -> Z after 3000 -> none end || X <- [P, Q]],
    gen_tcp:close(C),
    R6 = gen_tcp:recv(A, 0, 3000),
    gen_tcp:close(A),
    {R, Pending > 10000, R2, R3, Busy, R4, R5, R6}.

closes() ->
    {A, C, R} = jam([{send_timeout_close, true}]),
    R2 = [gen_tcp:send(C, "x"), gen_tcp:recv(C, 0, 100), inet:peername(C)],
    gen_tcp:close(A), gen_tcp:close(C),
    {A2, C2, _} = jam(),
    inet:setopts(C2, [{send_timeout, infinity}]),
    Me = self(),
    spawn(fun() -> Me ! {sent, gen_tcp:send(C2, binary:copy(<<1>>, 50000))} end),
    timer:sleep(30),
    gen_tcp:close(A2),
    R3 = receive {sent, X} -> X after 3000 -> none end,
    gen_tcp:close(C2),
    {R, R2, R3}.

%% What is queued is still written after close, and the end comes behind it.
closing() ->
    {A, C, _} = jam(),
    Me = self(),
    spawn(fun() -> timer:sleep(30), Me ! {drained, drain(A)} end),
    ok = gen_tcp:controlling_process(A, self()),
    R = gen_tcp:shutdown(C, write),
    R2 = gen_tcp:send(C, "after shutdown"),
    R3 = receive {drained, {X, _}} -> X after 5000 -> none end,
    gen_tcp:close(C), gen_tcp:close(A),
    {A2, C2, _} = jam(),
    P = spawn(fun() -> receive go -> Me ! {drained, drain(A2)} end end),
    gen_tcp:controlling_process(A2, P),
    P ! go,
    R4 = gen_tcp:close(C2),
    R5 = receive {drained, Y} -> Y after 5000 -> none end,
    {A3, C3, _} = jam([{linger, {true, 0}}]),
    R6 = gen_tcp:close(C3),
    {E, _} = drain(A3),
    {R, R2, R3, R4, R5, R6, E}.

sendfile() ->
    Name = "inet_busy_file",
    ok = file:write_file(Name, binary:copy(<<"0123456789">>, 60000)),
    {A, C} = pair([], []),
    Me = self(),
    P = spawn(fun() -> receive go -> Me ! {got, gather(A, [])} end end),
    ok = gen_tcp:controlling_process(A, P),
    P ! go,
    {ok, F} = file:open(Name, [read, raw, binary]),
    R = [gen_tcp:send(C, "first"), file:sendfile(Name, C), file:sendfile(F, C, 3, 5, []), file:sendfile(F, C, 600000, 0, []),
         file:sendfile(F, C, 599990, 100, []), gen_tcp:send(C, "last"), file:position(F, cur)],
    file:close(F),
    gen_tcp:close(C),
    Data = receive {got, D} -> {byte_size(D), erlang:md5(D)} after 5000 -> none end,
    R2 = [file:sendfile(Name, C), file:sendfile("no such file", C)],
    file:delete(Name),
    {R, Data, R2}.

gather(A, Acc) ->
    case gen_tcp:recv(A, 0, 3000) of
        {ok, B} -> gather(A, [Acc, B]);
        _ -> iolist_to_binary(Acc)
    end.

counters() ->
    {A, C} = pair([{packet, 2}], [{packet, 2}]),
    [ok = gen_tcp:send(C, lists:duplicate(N, $x)) || N <- [10, 20, 60]],
    [{ok, _} = gen_tcp:recv(A, 0, 3000) || _ <- [1, 2, 3]],
    R = {inet:getstat(C), inet:getstat(A), inet:getstat(A, [recv_cnt, send_pend]), ?TRY(inet:getstat(A, [nonsense]))},
    gen_tcp:close(A), gen_tcp:close(C),
    {R, inet:getstat(A)}.

resets() ->
    [begin
         {A, C} = pair([{show_econnreset, Show}, {active, Active}], []),
         ok = inet:setopts(A, [{linger, {true, 0}}]),
         ok = gen_tcp:close(A),
         R = case Active of
                 false -> [gen_tcp:recv(C, 0, 3000), gen_tcp:recv(C, 0, 100), gen_tcp:send(C, "x")];
                 true -> [strip(M) || M <- [receive M when element(2, M) =:= C -> M after 3000 -> none end || _ <- lists:seq(1, count(Show))]]
             end,
         gen_tcp:close(C),
         {Show, Active, R}
     end || Show <- [false, true], Active <- [false, true]].
count(true) -> 2;
count(false) -> 1.
strip({T, _}) -> T;
strip({T, _, R}) -> {T, R};
strip(X) -> X.

owners() ->
    {A, C} = pair([], []),
    P = spawn(fun() -> receive stop -> ok end end),
    R = [gen_tcp:controlling_process(C, P), gen_tcp:controlling_process(C, self()),
         ?TRY(erlang:port_info(C, connected) =:= {connected, P}), erlang:port_info(C, name)],
    P ! stop,
    R2 = gen_tcp:recv(A, 0, 3000),
    gen_tcp:close(A),
    {ok, U} = gen_tcp:listen(0, []),
    unlink(U),
    {R, R2, [gen_tcp:close(U), erlang:port_info(U), gen_tcp:controlling_process(U, self())]}.

run() ->
    process_flag(trap_exit, true),
    [timeouts(), closes(), closing(), sendfile(), counters(), resets(), owners(), diff_runner:flush(30)].
