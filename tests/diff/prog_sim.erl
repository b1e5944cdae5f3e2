%% A discrete event simulation with its own pseudo-random numbers: a queue with two servers.
-module(prog_sim).
-export([run/0]).
-include("diff.hrl").

run() ->
    S = #{now => 0, q => [], free => 2, served => 0, wait => 0, rnd => 42},
    R = sim([{0, arrive}], S, 0), [maps:remove(q, R), length(maps:get(q, R))].
sim(_, S, N) when N >= 2000 -> S;
sim([{T, E} | Es], S, N) -> {New, S1} = ev(E, S#{now := T}), sim(ins(New, Es), S1, N + 1).
ins([X | Xs], Es) -> ins(Xs, i(X, Es));
ins([], Es) -> Es.
i(X, [H | T]) when H =< X -> [H | i(X, T)];
i(X, T) -> [X | T].
ev(arrive, #{now := T, q := Q} = S) ->
    {R, S1} = rnd(S), begin_({T + 1 + R rem 10, arrive}, S1#{q := Q ++ [T]});
ev(done, #{free := F, served := N} = S) -> begin_(none, S#{free := F + 1, served := N + 1}).
begin_(E, #{free := 0} = S) -> {[E || E =/= none], S};
begin_(E, #{q := []} = S) -> {[E || E =/= none], S};
begin_(E, #{now := T, q := [A | Q], free := F, wait := W} = S) ->
    {R, S1} = rnd(S#{q := Q, free := F - 1, wait := W + T - A}),
    {[X || X <- [E, {T + 3 + R rem 12, done}], X =/= none], S1}.
rnd(#{rnd := X} = S) -> Y = (X * 1103515245 + 12345) band 16#7fffffff, {Y bsr 8, S#{rnd := Y}}.
