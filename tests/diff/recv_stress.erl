%% Four writers, one selective reader that takes from each in turn.
-module(recv_stress).
-export([run/0]).
-include("diff.hrl").

run() ->
    Me = self(), K = 300, Ps = [spawn(fun() -> [Me ! {W, I, diff_runner:seq(1, I rem 5)}
        || I <- diff_runner:seq(1, K)] end) || W <- [a, b, c, d]],
        [length(Ps), take(K, [a, b, c, d], 1, 0), diff_runner:flush(),
        process_info(Me, message_queue_len)].
take(K, _, I, S) when I > K -> S;
take(K, Ws, I, S) ->
    R = [receive {W, I, L} -> length(L) end || W <- Ws],
    take(K, Ws, I + 1, S + hd(R) + lists_sum(R)).
lists_sum([H | T]) -> H + lists_sum(T);
lists_sum([]) -> 0.
