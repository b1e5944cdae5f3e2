%% The binary module's own functions: match, matches, split parts, copies, encodings, errors.
-module(bin_module).
-export([run/0]).
-include("diff.hrl").

run() ->
    B = ?ID(<<"the cat sat on the mat">>), S = ?ID(<<16#0102030405:40>>),
    [binary:match(B, <<"at">>), binary:match(B, <<"dog">>), binary:match(B, [<<"mat">>, <<"sat">>]),
        binary:matches(B, <<"at">>), binary:matches(B, [<<"the">>, <<"t">>, <<"th">>]),
        binary:matches(B, <<"zz">>), binary:match(B, <<"at">>, [{scope, {7, 10}}]),
        binary:matches(B, <<"t">>, [{scope, {byte_size(B), -5}}]), ?TRY(binary:match(B, <<>>)),
        ?TRY(binary:match(B, [])), ?TRY(binary:match(B, <<"a">>, [{scope, {0, 100}}])),
        ?TRY(binary:match(B, ?ID(a))), ?TRY(binary:match(?ID(<<1:3>>), <<"a">>)),
        ?TRY(binary:match(B, <<"a">>, [bad])),
     binary:first(B), binary:last(B), ?TRY(binary:first(<<>>)), ?TRY(binary:last(?ID(a))),
     binary:at(B, 4), ?TRY(binary:at(B, 22)), ?TRY(binary:at(B, -1)), binary:part(B, 4, 3),
     binary:part(B, {7, -3}), ?TRY(binary:part(B, 20, 5)), binary:bin_to_list(S),
     binary:bin_to_list(S, 1, 2), binary:bin_to_list(S, {4, -2}), binary:list_to_bin([1, <<2>>]),
     binary:copy(S), binary:copy(S, 3), binary:copy(S, 0), ?TRY(binary:copy(S, -1)),
     ?TRY(binary:copy(?ID(a), 1)),
     binary:decode_unsigned(S), binary:decode_unsigned(S, little), binary:decode_unsigned(<<>>),
     ?TRY(binary:decode_unsigned(S, ?ID(x))), binary:encode_unsigned(0),
     binary:encode_unsigned(1 bsl 100), binary:encode_unsigned(258, little),
     ?TRY(binary:encode_unsigned(-1)), ?TRY(binary:encode_unsigned(a)),
     binary:longest_common_prefix([<<"abcd">>, <<"abx">>, <<"ab">>]),
     binary:longest_common_suffix([<<"xing">>, <<"sing">>]), ?TRY(binary:longest_common_prefix([])),
     ?TRY(binary:longest_common_prefix([a])), binary:referenced_byte_size(<<"abc">>),
     element(1, binary:compile_pattern(<<"a">>)), element(1,
         binary:compile_pattern([<<"a">>, <<"b">>])), binary:match(B,
         binary:compile_pattern([<<"on">>, <<"cat">>])), erlang:phash2(binary:copy(B, 100))].
