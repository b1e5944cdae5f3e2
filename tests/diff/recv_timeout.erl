%% Timeouts in loops: messages that do not match do not restart or lose the clock.
-module(recv_timeout).
-export([run/0]).
-include("diff.hrl").

run() ->
    Me = self(), spawn(fun() -> [begin receive after 2 -> ok end, Me ! {noise, I} end
        || I <- diff_runner:seq(1, 30)] end),
    T0 = erlang:monotonic_time(millisecond), R = receive never -> x after 30 -> timeout end,
    T1 = erlang:monotonic_time(millisecond),
    N = drain(0),
    [R, T1 - T0 >= 30, T1 - T0 < 3000, N =< 30, nested(), zero(5), huge(), sleeper()].
drain(N) -> receive {noise, _} -> drain(N + 1) after 60 -> N end.
nested() ->
    receive a -> 1 after 1 -> receive b -> 2 after 1 -> receive c -> 3 after 0 -> deep end end end.
zero(0) -> [];
zero(N) ->
    self() ! N, [receive X when X < 0 -> X after 0 -> receive Y -> Y after 0 -> none end end | zero(N - 1)].
huge() -> self() ! m, receive m -> got after 16#ffffffff -> no end.
%% A sleeper is woken by signals that are no messages, and sleeps on.
sleeper() ->
    {P, M} = erlang:spawn_monitor(fun() -> sleep(infinity) end),
    Ms = [begin receive after 1 -> ok end, element(2, erlang:process_info(P, status)) end || _ <- [1, 2, 3]],
    P ! a_message, receive after 1 -> ok end,
    Status = erlang:process_info(P, message_queue_len),
    erlang:exit(P, enough), receive {'DOWN', M, _, _, Why} -> {Ms, Status, Why} end.
sleep(Time) -> receive after Time -> ok end.
