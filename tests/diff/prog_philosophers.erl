%% Forks as processes, philosophers that take them in a fixed order: all get to eat.
-module(prog_philosophers).
-export([run/0]).
-include("diff.hrl").

run() ->
    Fs = list_to_tuple([spawn(fun() -> fork() end) || _ <- diff_runner:seq(1, 5)]),
    Ms = [spawn_monitor(fun() -> exit({I, eat(element(min(I, I rem 5 + 1), Fs),
        element(max(I, I rem 5 + 1), Fs), 20, 0)}) end) || I <- diff_runner:seq(1, 5)],
        R = [diff_runner:wait_down(M) || M <- Ms], [exit(F, kill) || F <- tuple_to_list(Fs)], R.
fork() ->
    receive {take, P} -> M = monitor(process, P), P ! {taken, self()},
    receive {put, P} -> demonitor(M, [flush]); {'DOWN', M, _, _, _} -> ok end, fork() end.
eat(_, _, 0, N) -> N;
eat(A, B, K, N) ->
    take(A), take(B), erlang:yield(), B ! {put, self()}, A ! {put, self()}, eat(A, B, K - 1, N + 1).
take(F) -> F ! {take, self()}, receive {taken, F} -> ok end.
