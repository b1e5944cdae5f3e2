%% A long mailbox searched for late messages again and again; what is left keeps its order.
-module(recv_selective).
-export([run/0]).
-include("diff.hrl").

run() ->
    N = 3000, [self() ! {m, I} || I <- diff_runner:seq(1, N)],
    A = [receive {m, I} -> I end || I <- [N, 1, N div 2, 2, N - 1]],
    self() ! last, B = receive last -> ok end,
    {messages, L} = process_info(self(), messages), {message_queue_len, Q} = process_info(self(),
        message_queue_len),
    C = drain(0, 0), [A, B, length(L), Q, hd(L), C].
drain(K, S) ->
    receive {m, I} -> drain(K + 1, S * 3 + I rem 7 band 16#ffff) after 0 -> {K, S rem 1000003} end.
