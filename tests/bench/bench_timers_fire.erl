%% Thousands of short timers, all of which fire.
-module(bench_timers_fire).
-export([run/1]).

run(N) -> K = N * 2, loop(K, 0), gather(K, 0).
loop(0, _) -> ok;
loop(N, I) -> erlang:start_timer(0, self(), I), loop(N - 1, I + 1).
gather(0, S) -> S;
gather(N, S) -> receive {timeout, _, I} -> gather(N - 1, (S + I) band 16#ffffff) end.
