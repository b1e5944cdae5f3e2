%% Several producers, one consumer.
-module(bench_messages_fanin).
-export([run/1]).

run(N) ->
    Me = self(), K = N * 4, [spawn_link(fun() -> produce(Me, I, K) end) || I <- [1, 2, 3, 4]],
    consume(K * 4, 0).
produce(_, _, 0) -> ok;
produce(P, I, K) -> P ! {item, I, [K]}, produce(P, I, K - 1).
consume(0, S) -> S;
consume(N, S) -> receive {item, I, [K]} -> consume(N - 1, (S + I * K) band 16#ffffff) end.
