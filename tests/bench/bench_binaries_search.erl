%% binary:split, match and replace over lines of text.
-module(bench_binaries_search).
-export([run/1]).

run(N) ->
    B = binary:copy(<<"GET /index.html?a=1&b=2 HTTP/1.1\r\nHost: example.org\r\nAccept: */*\r\n">>,
        20), repeat(N, B, 0).
repeat(0, _, S) -> S;
repeat(N, B, S) ->
    L = binary:split(B, <<"\r\n">>, [global]), M = [binary:split(X, <<": ">>) || X <- L],
    R = binary:replace(B, <<"example">>, <<"test">>, [global]),
    repeat(N - 1, B, (S + length(L) + length(M) + byte_size(R) + length(binary:matches(B,
        [<<"Host">>, <<"Accept">>]))) band 16#ffffff).
