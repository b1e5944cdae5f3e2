%% Selective receive that has to walk a mailbox without a marker's help.
-module(bench_messages_scan).
-export([run/1]).

run(N) -> repeat(N, 0).
repeat(0, S) -> S;
repeat(N, S) -> [self() ! {k, I} || I <- lists:seq(1, 150)], repeat(N - 1, S + back(150, 0)).
back(0, S) -> S;
back(K, S) -> receive {k, K} -> back(K - 1, S + 1) end.
