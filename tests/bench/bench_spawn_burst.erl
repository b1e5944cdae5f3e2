%% Bursts of processes that report back.
-module(bench_spawn_burst).
-export([run/1]).

run(N) -> repeat(N, 0).
repeat(0, S) -> S;
repeat(N, S) ->
    Me = self(), [spawn(fun() -> Me ! I end) || I <- lists:seq(1, 200)],
    repeat(N - 1, S + gather(200, 0)).
gather(0, S) -> S band 16#ffff;
gather(K, S) -> receive I -> gather(K - 1, S + I) end.
