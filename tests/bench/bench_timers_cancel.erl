%% Timers started and cancelled, as calls with timeouts do.
-module(bench_timers_cancel).
-export([run/1]).

run(N) -> loop(N * 10, 0).
loop(0, S) -> S;
loop(N, S) ->
    R = erlang:send_after(5000 + N band 1023, self(), never),
    loop(N - 1, case erlang:cancel_timer(R) of false -> S; _ -> S + 1 end).
