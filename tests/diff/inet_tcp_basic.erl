%% diff: full
%% Stream sockets on the loopback: connect, accept, send, recv, active modes, closing from both ends.
-module(inet_tcp_basic).
-export([run/0]).
-include("diff.hrl").

pair(Options) ->
    {ok, L} = gen_tcp:listen(0, [{ip, {127, 0, 0, 1}}, {active, false} | Options]),
    {ok, Port} = inet:port(L),
    {ok, C} = gen_tcp:connect({127, 0, 0, 1}, Port, [{active, false} | Options]),
    {ok, A} = gen_tcp:accept(L),
    ok = gen_tcp:close(L),
    {A, C}.

next() -> receive M -> M after 3000 -> none end.

tag({Tag, S}) when is_port(S) -> Tag;
tag({Tag, S, X}) when is_port(S) -> {Tag, X};
tag({'EXIT', _, R}) -> {'EXIT', R};
tag(X) -> X.

packets() ->
    [begin
         {A, C} = pair([{packet, P}, Mode]),
         ok = gen_tcp:send(C, [<<"one">>, $\s, "two"]),
         ok = gen_tcp:send(C, lists:duplicate(N, $x)),
         ok = gen_tcp:send(C, <<"last">>),
         ok = gen_tcp:close(C),
         R = [gen_tcp:recv(A, 0, 3000) || _ <- [1, 2, 3, 4]],
         R2 = gen_tcp:recv(A, 0, 3000),
         gen_tcp:close(A),
         {P, Mode, [size_of(X) || X <- R], R2}
     end || {P, N} <- [{1, 255}, {2, 3000}, {4, 40000}], Mode <- [binary, list]].

size_of({ok, B}) when is_binary(B), byte_size(B) > 20 -> {ok, byte_size(B), erlang:md5(B)};
size_of({ok, B}) when is_list(B), length(B) > 20 -> {ok, length(B)};
size_of(X) -> X.

exact() ->
    {A, C} = pair([binary]),
    ok = gen_tcp:send(C, <<"0123456789">>),
    R = [gen_tcp:recv(A, 3, 3000), gen_tcp:recv(A, 1, 3000), gen_tcp:recv(A, 6, 3000),
         gen_tcp:recv(A, 1, 20), gen_tcp:recv(A, 0, 0), gen_tcp:unrecv(A, <<"abc">>),
         gen_tcp:recv(A, 2, 3000), gen_tcp:recv(A, 0, 3000), gen_tcp:recv(A, 1 bsl 27, 3000)],
    ok = gen_tcp:shutdown(C, write),
    R2 = [gen_tcp:recv(A, 0, 3000), gen_tcp:recv(A, 0), gen_tcp:send(A, "x"), gen_tcp:send(A, "x")],
    gen_tcp:close(A),
    gen_tcp:close(C),
    {R, R2, gen_tcp:send(C, "x"), gen_tcp:recv(C, 0), inet:peername(C), inet:sockname(C)}.

active() ->
    {A, C} = pair([binary, {packet, 2}]),
    [ok = gen_tcp:send(C, integer_to_list(I)) || I <- [1, 2, 3, 4, 5, 6]],
    ok = inet:setopts(A, [{active, once}]),
    M1 = tag(next()),
    S1 = inet:getopts(A, [active]),
    ok = inet:setopts(A, [{active, 2}]),
    M2 = [tag(next()) || _ <- [1, 2, 3]],
    S2 = inet:getopts(A, [active]),
    ok = inet:setopts(A, [{active, true}]),
    M3 = [tag(next()) || _ <- [1, 2, 3]],
    R = gen_tcp:recv(A, 0),
    ok = gen_tcp:close(C),
    M4 = tag(next()),
    {M1, S1, M2, S2, M3, R, M4, erlang:port_info(A), gen_tcp:send(A, "x"), ?TRY(inet:setopts(A, [{active, once}]))}.

counted() ->
    {A, C} = pair([binary]),
    Rs = [begin
              R = inet:setopts(A, [{active, N}]),
              {N, R, inet:getopts(A, [active]), diff_runner:flush(20) =/= []}
          end || N <- [3, -1, -2, 32767, 1, -32768, -5, 0]],
    gen_tcp:close(A),
    gen_tcp:close(C),
    Rs.

stays() ->
    {A, C} = pair([binary, {exit_on_close, false}]),
    ok = gen_tcp:send(C, <<"bye">>),
    ok = gen_tcp:shutdown(C, write),
    R = [gen_tcp:recv(A, 0, 3000), gen_tcp:recv(A, 0, 3000), gen_tcp:send(A, "answer"), gen_tcp:recv(C, 0, 3000)],
    ok = gen_tcp:close(A),
    R2 = gen_tcp:recv(C, 0, 3000),
    gen_tcp:close(C),
    {R, R2}.

refused() ->
    {ok, L} = gen_tcp:listen(0, [{ip, {127, 0, 0, 1}}]),
    {ok, Port} = inet:port(L),
    B = gen_tcp:listen(Port, [{ip, {127, 0, 0, 1}}]),
    T = gen_tcp:accept(L, 30),
    T0 = gen_tcp:accept(L, 0),
    ok = gen_tcp:close(L),
    [B, T, T0, gen_tcp:connect({127, 0, 0, 1}, Port, []), gen_tcp:accept(L),
     (catch gen_tcp:connect({127, 0, 0, 1}, Port, [bad_option])),
     (catch gen_tcp:connect("no host of this name", 1, [], 1000))].

acceptors() ->
    {ok, L} = gen_tcp:listen(0, [{ip, {127, 0, 0, 1}}, {active, false}]),
    {ok, Port} = inet:port(L),
    Me = self(),
    Ps = [spawn_link(fun() ->
              {ok, S} = gen_tcp:accept(L),
              {ok, D} = gen_tcp:recv(S, 0),
              Me ! {got, D}
          end) || _ <- [1, 2, 3, 4]],
    Cs = [begin
              {ok, C} = gen_tcp:connect({127, 0, 0, 1}, Port, []),
              ok = gen_tcp:send(C, [$0 + I]),
              C
          end || I <- [1, 2, 3, 4]],
    Got = lists:sort([receive {got, D} -> D after 3000 -> none end || _ <- Ps]),
    Late = spawn(fun() -> Me ! {late, gen_tcp:accept(L, 40)} end),
    Last = receive {late, X} -> X after 3000 -> none end,
    Closed = spawn_monitor(fun() -> exit(gen_tcp:accept(L)) end),
    timer:sleep(30),
    ok = gen_tcp:close(L),
    Down = receive {'DOWN', _, _, _, R} -> R after 3000 -> none end,
    [gen_tcp:close(C) || C <- Cs],
    {Got, Last, is_pid(Late), is_tuple(Closed), Down}.

run() ->
    process_flag(trap_exit, true),
    [packets(), exact(), active(), counted(), stays(), refused(), acceptors(),
     lists:usort([tag(M) || M <- diff_runner:flush(50)])].
