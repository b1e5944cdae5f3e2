%% Text decoded from and encoded to UTF-8.
-module(bench_binaries_utf8).
-export([run/1]).

run(N) ->
    B = unicode:characters_to_binary(lists:flatten(lists:duplicate(40,
        "größer €uro 日本 plain ascii text "))), repeat(N, B, 0).
repeat(0, _, S) -> S;
repeat(N, B, S) ->
    L = [C || <<C/utf8>> <= B], B = << <<C/utf8>> || C <- L >>,
    repeat(N - 1, B, (S + length(L) + length(unicode:characters_to_list(B))) band 16#ffffff).
