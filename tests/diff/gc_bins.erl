%% Reference-counted binaries across collections: held by sub-binaries, match contexts, messages, dictionaries.
-module(gc_bins).
-export([run/0]).
-include("diff.hrl").

run() ->
    B = binary:copy(<<"0123456789">>, 100), put(b, binary:part(B, 500, 10)), Me = self(),
    [Me ! {b, I, binary:part(B, I, 20)} || I <- diff_runner:seq(0, 50)],
    <<_:100/binary, C/binary>> = B, erlang:garbage_collect(), L = walk(C, []),
    erlang:garbage_collect(), R = [receive {b, I, X} -> {I, X} end || I <- diff_runner:seq(0, 50)],
    [get(b), erlang:phash2(L), hd(R), length(R), erlang:md5([X || {_, X} <- R]),
        is_list(element(2, process_info(Me, binary))), churn(300, <<>>)].
walk(<<X:7/binary, R/binary>>, A) ->
    case length(A) rem 20 of 0 -> erlang:garbage_collect(); _ -> ok end, walk(R, [X | A]);
walk(R, A) -> [R | A].
churn(0, B) -> erlang:crc32(B);
churn(N, B) -> churn(N - 1, binary:copy(<<(erlang:crc32(B)):32>>, 50 + N rem 30)).
