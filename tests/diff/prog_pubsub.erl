%% Topics, subscribers that come and go, late ones, dead ones.
-module(prog_pubsub).
-export([run/0]).
-include("diff.hrl").

run() ->
    B = spawn_link(fun() -> broker(#{}) end), Me = self(),
    Subs = [sub(B, N, Ts, Me) || {N, Ts} <- [{a, [x]}, {b, [x, y]}, {c, [y]}]],
    [pub(B, T, I) || {T, I} <- [{x, 1}, {y, 2}, {z, 3}, {x, 4}]],
    {_, Pb} = lists:keyfind(b, 1, Subs), call(B, {unsub, y, Pb}), pub(B, y, 5),
    {_, Pc} = lists:keyfind(c, 1, Subs), M = monitor(process, Pc), exit(Pc, kill),
    receive {'DOWN', M, _, _, _} -> ok end, pub(B, y, 6), pub(B, x, 7), S = call(B, stats),
    [P ! {report} || {_, P} <- Subs], R = diff_runner:sorted([receive {got, N, L} -> {N, L} end
        || _ <- [a, b]]), unlink(B), exit(B, kill), [R, S].
broker(M) ->
    receive {'DOWN', _, _, P, _} -> broker(maps:from_list([{T, [Q || Q <- map_get(T, M), Q =/= P]}
        || T <- maps:keys(M)])); {F, R, Q} -> {A, M1} = h(Q, M), F ! {R, A}, broker(M1) end.
h({sub, T, P}, M) ->
    monitor(process, P), {ok, M#{T => case M of #{T := L} -> L ++ [P]; _ -> [P] end}};
h({unsub, T, P}, M) -> #{T := L} = M, {ok, M#{T := L -- [P]}};
h({pub, T, X}, M) ->
    L = case M of #{T := Ps} -> Ps; _ -> [] end, [P ! {T, X} || P <- L], {length(L), M};
h(stats, M) -> {[{T, length(map_get(T, M))} || T <- maps:keys(M)], M}.
call(B, Q) -> R = make_ref(), B ! {self(), R, Q}, receive {R, A} -> A after 2000 -> timeout end.
pub(B, T, X) -> call(B, {pub, T, X}).
sub(B, N, Ts, Me) ->
    P = spawn(fun() -> loop(N, [], Me) end), [call(B, {sub, T, P}) || T <- Ts], {N, P}.
loop(N, L, Me) ->
    receive {report} -> Me ! {got, N, lists:reverse(L, [])};
        {T, X} -> loop(N, [{T, X} | L], Me) end.
