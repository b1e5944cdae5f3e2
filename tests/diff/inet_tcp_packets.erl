%% diff: full
%% Every packet mode of stream sockets, passive and active, with the bytes in one piece and in small ones.
-module(inet_tcp_packets).
-export([run/0]).
-include("diff.hrl").

pair(Options) ->
    {ok, L} = gen_tcp:listen(0, [{ip, {127, 0, 0, 1}}, {active, false}, {nodelay, true} | Options]),
    {ok, Port} = inet:port(L),
    {ok, C} = gen_tcp:connect({127, 0, 0, 1}, Port, [binary, {active, false}, {nodelay, true}]),
    {ok, A} = gen_tcp:accept(L),
    ok = gen_tcp:close(L),
    {A, C}.

streams() ->
    Line = <<"one\ntwo\r\n\nlonger than the others\nrest">>,
    [{raw, [], <<"abcdef">>}, {0, [], <<"abc">>}, {1, [], <<3, "abc", 0, 2, "de", 9, "short">>},
     {2, [], <<0, 3, "abc", 0, 0, 0, 2, "de", 1, 0, "x">>}, {4, [], <<0, 0, 0, 3, "abc", 0, 0, 0, 1, "z", 0, 0, 1>>},
     {2, [{packet_size, 4}], <<0, 3, "abc", 0, 5, "defgh">>}, {4, [{packet_size, 10}], <<0, 0, 0, 11, "12345678901">>},
     {4, [], <<16#ffffffff:32, "abc">>}, {line, [], Line}, {line, [{line_delimiter, $o}], Line},
     {line, [{buffer, 5}], Line}, {line, [{packet_size, 8}], Line}, {line, [list], Line},
     {asn1, [], <<16#30, 3, "abc", 16#30, 16#81, 2, "de", 16#3f, 16#81, 1, 1, "f">>}, {asn1, [], <<16#30, 16#85, 1, 1, 1, 1, 1, "abc">>},
     {sunrm, [], <<1:1, 3:31, "abc", 0:1, 2:31, "de">>}, {cdr, [], <<"GIOP", 1, 0, 0, 0, 3:32, "abc", "GIOP", 1, 2, 1, 0, 2:32/little, "de">>},
     {cdr, [], <<"GIOX", 1, 0, 0, 0, 3:32, "abc">>}, {fcgi, [], <<1, 2, 0, 1, 3:16, 2, 0, "abcpp", 1, 2, 0, 1, 0:16, 0, 0>>},
     {fcgi, [], <<2, 2, 0, 1, 3:16, 2, 0, "abcpp">>}, {tpkt, [], <<3, 0, 7:16, "abc", 3, 0, 4:16>>}, {tpkt, [], <<4, 0, 7:16, "abc">>},
     {ssl_tls, [], <<22, 3, 1, 3:16, "abc", 23, 3, 3, 0:16, 128, 5, 1, 3, 0, "xy">>}, {ssl_tls, [], <<99, 9, 1, 3:16, "abc">>}].

http() ->
    Request = <<"GET /a/b?c=d HTTP/1.1\r\nHost: here\r\nx-own-name:  v1\r\n v2\r\nContent-length: 3\r\n\r\nabc">>,
    Response = <<"HTTP/1.0 404 Not Found\r\nServer: s\r\n\r\n">>,
    Odd = <<"OPTIONS * HTTP/1.1\r\n\r\nODD http://h:81/p HTTP/1.0\r\n\r\nGET https://h HTTP/1.1\r\nBad header\r\n\r\nCONNECT h:443 HTTP/1.1\r\n\r\nnonsense\r\nGET x:y\r\n\r\n">>,
    [{P, [], B} || P <- [http, http_bin, httph, httph_bin], B <- [Request, Response, Odd]]
        ++ [{http_bin, [{packet_size, 20}], Request}].

socketless({T, S, X}) when is_port(S) -> {T, X};
socketless({T, S, A, B, C}) when is_port(S) -> {T, A, B, C};
socketless({T, S}) when is_port(S) -> T;
socketless({ok, {ssl_tls, S, A, B, C}}) when is_port(S) -> {ok, {ssl_tls, A, B, C}};
socketless(X) -> X.

%% The other end closes when it sees a bad packet.
feed(C, Bytes, all) -> gen_tcp:send(C, Bytes);
feed(C, Bytes, N) ->
    case Bytes of
        <<Some:N/binary, Rest/binary>> when Rest =/= <<>> ->
            gen_tcp:send(C, Some),
            timer:sleep(1),
            feed(C, Rest, N);
        _ -> gen_tcp:send(C, Bytes)
    end.

passive(A) ->
    case socketless(gen_tcp:recv(A, 0, 3000)) of
        {error, R} -> [{error, R}];
        X -> [X | passive(A)]
    end.

active(A, How) ->
    receive
        M when element(2, M) =:= A ->
            case socketless(M) of
                tcp_closed -> [tcp_closed];
                tcp_passive when How =:= once -> active(A, How);
                X ->
                    case How of
                        once -> inet:setopts(A, [{active, once}]);
                        _ -> ok
                    end,
                    [X | active(A, How)]
            end
    after 3000 -> [none]
    end.

one(Packet, Options, Bytes, Step, How) ->
    Mode = case lists:member(list, Options) of true -> []; false -> [binary] end,
    {Later, Now} = lists:partition(fun(O) -> element(1, O) =:= line_delimiter end, lists:delete(list, Options)),
    {A, C} = pair(Mode ++ [{packet, Packet} | Now]),
    ok = inet:setopts(A, Later),
    How =/= passive andalso inet:setopts(A, [{active, How}]),
    feed(C, Bytes, Step),
    gen_tcp:shutdown(C, write),
    R = case How of
            passive -> passive(A);
            _ -> active(A, How)
        end,
    gen_tcp:close(A),
    gen_tcp:close(C),
    R.

whole(raw, R) -> join(R);
whole(0, R) -> join(R);
whole(_, R) -> R.

%% Raw streams may come in any pieces.
join(R) -> {iolist_to_binary([B || {T, B} <- R, T =:= ok orelse T =:= tcp]), lists:last(R)}.

switch() ->
    {A, C} = pair([binary, {packet, line}]),
    ok = gen_tcp:send(C, <<"head\n", 0, 2, "ab", 0, 0, 0, 3, "cde", "GET / HTTP/1.0\r\n\r\nraw">>),
    ok = gen_tcp:shutdown(C, write),
    R1 = gen_tcp:recv(A, 0, 3000),
    ok = inet:setopts(A, [{packet, 2}]),
    R2 = gen_tcp:recv(A, 0, 3000),
    ok = inet:setopts(A, [{packet, 4}, {active, once}]),
    R3 = receive {tcp, A, X} -> X after 3000 -> none end,
    ok = inet:setopts(A, [{packet, http}]),
    R4 = [gen_tcp:recv(A, 0, 3000), gen_tcp:recv(A, 0, 3000)],
    ok = inet:setopts(A, [{packet, raw}]),
    R5 = [gen_tcp:recv(A, 1, 3000), gen_tcp:recv(A, 0, 3000), gen_tcp:recv(A, 0, 3000)],
    gen_tcp:close(C),
    [R1, R2, R3, R4, R5].

header() ->
    [begin
         {A, C} = pair([Mode, {packet, 1}, {header, H}]),
         ok = gen_tcp:send(C, <<4, "abcd", 1, "x">>),
         R = gen_tcp:recv(A, 0, 3000),
         ok = inet:setopts(A, [{active, once}]),
         R2 = receive {tcp, A, X} -> X after 3000 -> none end,
         gen_tcp:close(A), gen_tcp:close(C),
         {Mode, H, R, R2}
     end || Mode <- [binary, list], H <- [0, 2, 4, 5]].

run() ->
    process_flag(trap_exit, true),
    [{P, O, Step, How, whole(P, one(P, O, B, Step, How))}
     || {P, O, B} <- streams() ++ http(), Step <- [all, 3], How <- [passive, once, true],
        not (P =:= line andalso O =:= [{buffer, 5}] andalso Step =:= 3)]
        ++ [switch(), header()].
