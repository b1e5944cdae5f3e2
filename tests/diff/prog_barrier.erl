%% Barriers, semaphores, futures and locks made of processes and messages.
-module(prog_barrier).
-export([run/0]).
-include("diff.hrl").

run() -> [barrier(6, 3), sema(2, 8), future(), mutex(5, 40), rw(), rendezvous(20)].
barrier(N, Rounds) ->
    Me = self(), B = spawn_link(fun() -> bar(N, []) end),
    [spawn_link(fun() -> Me ! {done, [begin B ! {in, self()}, receive {go, G} -> G end end
        || _ <- diff_runner:seq(1, Rounds)]} end) || _ <- diff_runner:seq(1, N)],
        L = [receive {done, X} -> X end || _ <- diff_runner:seq(1, N)], unlink(B), exit(B, kill), L.
bar(N, L) -> bar(N, L, 1).
bar(N, L, G) when length(L) =:= N -> [P ! {go, G} || P <- L], bar(N, [], G + 1);
bar(N, L, G) -> receive {in, P} -> bar(N, [P | L], G) end.
sema(K, N) ->
    S = spawn_link(fun() -> sem(K) end), C = counters:new(2, []),
    Ms = [spawn_monitor(fun() -> S ! {p, self()}, receive ok -> ok end, counters:add(C, 1, 1),
        case counters:get(C, 1) > K of true -> counters:add(C, 2, 1); false -> ok end,
        erlang:yield(), counters:sub(C, 1, 1), S ! v end) || _ <- diff_runner:seq(1, N)],
        [diff_runner:wait_down(M) || M <- Ms], unlink(S), exit(S, kill),
        {counters:get(C, 1), counters:get(C, 2)}.
sem(0) -> receive v -> sem(1) end;
sem(K) -> receive {p, P} -> P ! ok, sem(K - 1); v -> sem(K + 1) end.
future() ->
    F = [fut(fun() -> X * 10 end) || X <- [3, 1, 2]], [force(X) || X <- lists:reverse(F, [])].
fut(F) -> Me = self(), R = make_ref(), spawn_link(fun() -> Me ! {R, F()} end), R.
force(R) -> receive {R, V} -> V end.
mutex(N, K) ->
    L = spawn_link(fun() -> lock() end), C = atomics:new(1, []),
    Ms = [spawn_monitor(fun() -> crit(L, C, K) end) || _ <- diff_runner:seq(1, N)],
    [diff_runner:wait_down(M) || M <- Ms], unlink(L), exit(L, kill), atomics:get(C, 1).
crit(_, _, 0) -> ok;
crit(L, C, K) ->
    L ! {lock, self()}, receive locked -> V = atomics:get(C, 1), erlang:yield(),
    atomics:put(C, 1, V + 1), L ! {unlock, self()} end, crit(L, C, K - 1).
lock() -> receive {lock, P} -> P ! locked, receive {unlock, P} -> lock() end end.
rw() ->
    P = spawn_link(fun() -> store(0) end), [P ! {write, I} || I <- diff_runner:seq(1, 10)],
    P ! {read, self()}, V = receive {val, X} -> X end, unlink(P), exit(P, kill), V.
store(V) -> receive {write, X} -> store(V + X); {read, P} -> P ! {val, V}, store(V) end.
rendezvous(N) ->
    Me = self(), A = spawn_link(fun() -> rz(N, 0, Me) end),
    B = spawn_link(fun() -> rz(N, 0, Me) end), A ! {peer, B, true}, B ! {peer, A, false},
    diff_runner:sorted([receive {fin, X} -> X end || _ <- [1, 2]]).
rz(N, C, Me) ->
    receive {peer, P, First} -> if First -> P ! {tok, 0}; true -> ok end, rzl(P, N, C, Me) end.
rzl(P, N, C, Me) ->
    receive {tok, T} when T >= N -> P ! {tok, T + 1}, Me ! {fin, C}; {tok, T} -> P ! {tok, T + 1},
    rzl(P, N, C + 1, Me) end.
