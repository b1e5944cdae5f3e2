%% diff: full
%% The Erlang half of the binary module: split, replace, encode_hex.
-module(bin_stdlib).
-export([run/0]).
-include("diff.hrl").

run() ->
    [binary:split(<<"a,b,,c">>, <<",">>), binary:split(<<"a,b,,c">>, <<",">>, [global]),
        binary:split(<<"a,b,,c,">>, <<",">>, [global, trim]),
        binary:split(<<",a,b,,c,">>, <<",">>, [global, trim_all]),
        binary:split(<<"a;b,c">>, [<<",">>, <<";">>], [global]), binary:split(<<>>, <<",">>),
        binary:replace(<<"abcabc">>, <<"b">>, <<"X">>),
        binary:replace(<<"abcabc">>, <<"b">>, <<"XY">>, [global]),
        binary:replace(<<"abc">>, <<"b">>, <<"[]">>, [{insert_replaced, 1}]),
        binary:encode_hex(<<"Az", 255>>), binary:decode_hex(<<"417AfF">>),
        ?MSG(binary:decode_hex(<<"4">>)), ?MSG(binary:decode_hex(<<"zz">>)),
        ?MSG(binary:split(<<"a">>, <<>>)), ?MSG(binary:replace(<<"a">>, <<"a">>, ?ID(1))),
        ?MSG(binary:part(<<"abc">>, 2, 5)), ?MSG(binary:encode_hex(?ID(a)))].
