%% Order between a pair of processes holds over several kinds of signals.
-module(recv_order).
-export([run/0]).
-include("diff.hrl").

run() ->
    Me = self(), process_flag(trap_exit, true),
    P = spawn_link(fun() -> Me ! 1, Me ! 2, unlink(Me), link(Me), Me ! 3, exit(done) end),
    R = diff_runner:collect(4),
    Q = spawn(fun() -> receive go -> ok end, Me ! a, exit(bye) end), M1 = monitor(process, Q),
    M2 = monitor(process, Q), Q ! go, S = diff_runner:collect(3),
    [R =:= [1, 2, 3, {'EXIT', P, done}], hd(S), diff_runner:sorted([M
        || {'DOWN', M, process, _, bye} <- S]) =:= diff_runner:sorted([M1, M2]), relay(50),
        pingpong(500)].
relay(N) ->
    Me = self(), Last = chain(N, Me), Last ! {token, []}, receive {token, L} -> length(L) end.
chain(0, P) -> P;
chain(N, P) -> chain(N - 1, spawn(fun() -> receive {token, L} -> P ! {token, [N | L]} end end)).
pingpong(N) -> Me = self(), P = spawn(fun() -> pong(Me) end), R = ping(P, N), P ! stop, R.
pong(Me) -> receive {X, N} -> Me ! {X, N + 1}, pong(Me); stop -> ok end.
ping(_, 0) -> ok;
ping(P, N) -> P ! {x, N}, receive {x, M} when M =:= N + 1 -> ping(P, N - 1) end.
