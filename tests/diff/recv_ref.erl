%% Calls by fresh reference over a full mailbox: the receive that may skip what is older.
-module(recv_ref).
-export([run/0]).
-include("diff.hrl").

run() ->
    [self() ! {junk, I} || I <- diff_runner:seq(1, 2000)],
    P = spawn(fun() -> server(0) end),
    R = [call(P, {add, I}) || I <- diff_runner:seq(1, 200)],
    M = [mcall(P, I) || I <- diff_runner:seq(1, 5)],
    Two = two(P), Nest = nest(P, 3), D = dead(P), 
    {message_queue_len, Q} = process_info(self(), message_queue_len), diff_runner:flush(),
    [lists:reverse(R, []), M, Two, Nest, D, Q].
server(S) ->
    receive {F, R, {add, I}} -> F ! {R, S + I}, server(S + I); {F, R, stop} -> F ! {R, bye} end.
call(P, Q) -> R = make_ref(), P ! {self(), R, Q}, receive {R, V} -> V end.
mcall(P, I) ->
    R = monitor(process, P), P ! {self(), R, {add, I}}, receive {R, V} -> demonitor(R, [flush]), V;
        {'DOWN', R, _, _, W} -> {down, W} end.
two(P) ->
    R1 = make_ref(), R2 = make_ref(), P ! {self(), R1, {add, 0}}, P ! {self(), R2, {add, 1}},
    A = receive {R2, V2} -> V2 end, B = receive {R1, V1} -> V1 end, A - B.
nest(_, 0) -> [];
nest(P, N) ->
    R = make_ref(), P ! {self(), R, {add, 0}}, L = nest(P, N - 1), receive {R, _} -> [N | L] end.
dead(P) ->
    bye = call(P, stop), R = monitor(process, P), receive {'DOWN', R, process, P, W} -> W end.
