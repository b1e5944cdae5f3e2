%% diff: full
%% base64 and hex in all lengths, white space, padding errors.
-module(lib_base64).
-export([run/0]).
-include("diff.hrl").

run() ->
    [{N, base64:encode(B), base64:decode(base64:encode(B)) =:= B, base64:encode_to_string(B)}
        || N <- lists:seq(0, 10), B <- [list_to_binary(lists:seq(250 - N, 249))]]
        ++ [base64:decode("aGVs bG8=\n"), base64:mime_decode("aGV*sbG8="),
        base64:decode_to_string("aGk="), ?TRY(base64:mime_decode(<<"aGk">>))]
        ++ [?TRY(base64:decode(X)) || X <- ["a", "ab", "abc", "a===", "!!!!", <<"aGk">>, "aGk=x",
        ""]] ++ [erlang:md5(base64:encode(binary:copy(<<0, 255, 128>>, 10000)))].
