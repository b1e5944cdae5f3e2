%% decode_packet over all packet types: whole, partial, malformed.
-module(bif_packet).
-export([run/0]).
-include("diff.hrl").

run() ->
    [{T, B, O, ?TRY(erlang:decode_packet(T, B, O))} || {T, Bs} <- [{raw, [<<>>, <<"abc">>]},
        {0, [<<"abc">>]}, {1, [<<>>, <<3, "ab">>, <<2, "abc">>, <<0, 1>>]},
        {2, [<<0>>, <<0, 2, "abc">>, <<0, 5, "a">>]}, {4, [<<0, 0, 0, 1, "xy">>, <<0, 0, 0, 9>>]},
        {line, [<<"a\nb">>, <<"a\r\nb\n">>, <<"abc">>, <<>>, <<"\n">>]},
        {asn1, [<<48, 3, 1, 2, 3, 9>>, <<48, 129, 2, 7, 8>>, <<48>>]},
        {sunrm, [<<128, 0, 0, 2, "abc">>]}, {cdr, [<<"GIOP", 1, 0, 0, 0, 0, 0, 0, 2, "abc">>]},
        {fcgi, [<<1, 1, 0, 1, 0, 2, 1, 0, "abcd">>]}, {tpkt, [<<3, 0, 0, 6, "abc">>]},
        {ssl_tls, [<<22, 3, 1, 0, 2, "abc">>]}, {http, [<<"GET /a?b HTTP/1.1\r\nHost: x\r\n">>,
        <<"POST * HTTP/1.0\r\n\r\n">>, <<"HTTP/1.1 200 OK\r\nX: y\r\n">>,
        <<"BREW http://h:80/p HTTP/1.1\r\n">>, <<"GET / HTTP">>, <<"bad line\r\nrest">>, <<"\r\n">>,
        <<"HTTP/1.1 404 Not Found\r\n">>, <<"CONNECT h:443 HTTP/1.1\r\n">>]},
        {http_bin, [<<"GET /x HTTP/1.1\r\n">>]}, {httph,
        [<<"Host: example\r\nX: y\r\n">>, <<"content-length: 5\r\n\r\n">>,
        <<"x-custom-header:v \r\n\r\n">>, <<"\r\nrest">>, <<"Fold: a\r\n b\r\nX: y\r\n">>,
        <<"nocolon\r\nX: y\r\n">>, <<"Host: partial">>]},
        {httph_bin, [<<"Host: example\r\nX: y\r\n">>]}, {bogus, [<<>>]}, {3, [<<>>]}], B <- Bs,
        O <- [[]]]
    ++ [?TRY(erlang:decode_packet(4, <<0, 0, 1, 0, "a">>, [{packet_size, 10}])),
        ?TRY(erlang:decode_packet(line, <<"abcdefghij\n">>, [{line_length, 4}])),
        ?TRY(erlang:decode_packet(line, <<"a;b">>, [{line_delimiter, $;}])),
        ?TRY(erlang:decode_packet(line, <<"a">>, [bad])),
        ?TRY(erlang:decode_packet(line, ?ID(a), []))].
