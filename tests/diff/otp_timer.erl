%% diff: full
%% The timer module: intervals, delayed applies, cancellation, measuring.
-module(otp_timer).
-export([run/0]).
-include("diff.hrl").

run() ->
    Me = self(), {ok, T} = timer:send_interval(3, tick), A = diff_runner:collect(3),
    B = timer:cancel(T), diff_runner:flush(10), {ok, _} = timer:send_after(2, x),
    C = receive x -> x after 1000 -> none end, {ok, _} = timer:apply_after(1, erlang, send,
        [Me, applied]), D = receive applied -> ok after 1000 -> none end,
        {ok, U} = timer:apply_after(5000, erlang, send, [Me, never]),
        E = element(1, timer:cancel(U)), {Us, V} = timer:tc(fun() -> timer:sleep(5), done end),
        F = Us >= 5000, P = spawn(fun() -> receive after infinity -> ok end end),
        M = monitor(process, P), timer:exit_after(1, P, why),
        G = receive {'DOWN', M, _, _, R} -> R after 1000 -> none end,
        [A, element(1, B), C, D, E, V, F, G, timer:seconds(2), timer:minutes(1), timer:hours(1),
        timer:hms(1, 2, 3), timer:cancel(bad), timer:send_after(-1, x),
        timer:now_diff({0, 1, 5}, {0, 0, 3}), diff_runner:flush(5)].
