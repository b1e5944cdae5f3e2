%% Many timers: each fires once, in the order of its time; cancelled ones never.
-module(timer_order).
-export([run/0]).
-include("diff.hrl").

run() ->
    Me = self(), [erlang:send_after(T, Me, {t, T}) || T <- [40, 10, 30, 20, 50]],
    A = [receive {t, T} -> T after 2000 -> none end || _ <- diff_runner:seq(1, 5)],
    Rs = [erlang:start_timer(I rem 7, Me, I) || I <- diff_runner:seq(1, 500)],
    B = length([receive {timeout, R, _} -> x after 3000 -> y end || R <- Rs]),
    Cs = [erlang:send_after(30 + I, Me, bad) || I <- diff_runner:seq(1, 100)],
    C = length([x || R <- Cs, is_integer(erlang:cancel_timer(R))]), receive after 60 -> ok end,
    D = diff_runner:flush(),
    P = spawn(fun() -> receive stop -> ok end end), erlang:send_after(5, P, stop),
    M = monitor(process, P), E = receive {'DOWN', M, _, _, W} -> W after 2000 -> late end,
    [A, B, C, D, E].
