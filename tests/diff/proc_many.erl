%% Thousands of short processes and a tree of them; everything is accounted for.
-module(proc_many).
-export([run/0]).
-include("diff.hrl").

run() ->
    Me = self(), [spawn(fun() -> Me ! {done, I} end) || I <- diff_runner:seq(1, 3000)],
    S = sum(3000, 0), T = tree(11), R = ring(200, 5), [S, T, R, farm(20, 50)].
sum(0, S) -> S;
sum(N, S) -> receive {done, I} -> sum(N - 1, S + I) end.
tree(0) -> 1;
tree(N) ->
    Me = self(), [spawn(fun() -> Me ! {sub, tree(N - 1)} end) || _ <- [l, r]],
    receive {sub, A} -> receive {sub, B} -> A + B + 1 end end.
ring(N, Laps) ->
    Me = self(), First = build(N, Me), First ! {lap, Laps, 0}, receive {end_, C} -> C end.
build(N, Me) ->
    P = spawn(fun() -> receive {next, Q} -> node_(Q, Me) end end), Last = link_up(N - 1, P, Me),
    P ! {next, Last}, P.
link_up(0, Next, _) -> Next;
link_up(N, Next, Me) -> link_up(N - 1, spawn(fun() -> node_(Next, Me) end), Me).
node_(Next, Me) ->
    receive {lap, 0, C} -> Me ! {end_, C}, Next ! stop;
        {lap, L, C} when C rem 200 =:= 199 -> Next ! {lap, L - 1, C + 1}, node_(Next, Me);
            {lap, L, C} -> Next ! {lap, L, C + 1}, node_(Next, Me); stop -> Next ! stop end.
farm(W, J) ->
    Me = self(), Ps = [spawn(fun() -> worker(Me) end) || _ <- diff_runner:seq(1, W)],
    R = [begin P ! {job, I, J}, ok end || P <- Ps, I <- diff_runner:seq(1, J)],
    X = sum(length(R), 0), [P ! stop || P <- Ps], X.
worker(Me) -> receive {job, I, J} -> Me ! {done, I * J}, worker(Me); stop -> ok end.
