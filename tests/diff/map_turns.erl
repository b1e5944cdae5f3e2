%% Large maps from and to lists: work that takes more than a turn, and what it gives and raises.
-module(map_turns).
-export([run/0]).
-include("diff.hrl").

run() -> [{N, lists_of(N)} || N <- [9999, 10000, 10001, 50000]] ++ [wrong(), merged(), garbage()].

pairs(N) -> [{K * 7919 rem 100003, K} || K <- lists:seq(1, N)].

lists_of(N) ->
    Pairs = pairs(N),
    Keys = [K || {K, _} <- Pairs],
    M = maps:from_list(?ID(Pairs)),
    S = maps:from_keys(?ID(Keys), v),
    D = maps:from_list(?ID([{K rem 5, K} || {K, _} <- Pairs])),
    E = maps:from_keys(?ID([K rem 20000 || K <- Keys]), self()),
    [map_size(M), map_size(S), D, map_size(E), erlang:phash2(M), erlang:phash2(S),
     lists:sort(maps:keys(M)) =:= lists:sort(Keys), lists:sort(maps:values(M)) =:= lists:seq(1, N),
     erlang:phash2(maps:keys(M)), erlang:phash2(maps:values(M)), erlang:phash2(maps:to_list(S)),
     lists:zip(maps:keys(M), maps:values(M)) =:= lists:reverse(maps:fold(fun(K, V, A) -> [{K, V} | A] end, [], M))].

%% The arguments of the error are the caller's.
wrong() ->
    Pairs = pairs(30000),
    [case catch maps:from_list(?ID(L)) of
         {'EXIT', {R, [{maps, from_list, [Same], _} | _]}} -> {R, Same =:= L}
     end || L <- [Pairs ++ [x], Pairs ++ x, [x | Pairs], Pairs ++ [{1, 2, 3}]]]
    ++ [case catch maps:from_keys(?ID(L), 1) of
            {'EXIT', {R, [{maps, from_keys, [Same, 1], _} | _]}} -> {R, Same =:= L}
        end || L <- [Pairs ++ x]].

merged() ->
    A = maps:from_list(pairs(40000)),
    B = maps:from_list([{K, -V} || {K, V} <- pairs(60000), V rem 2 =:= 0]),
    M = maps:merge(?ID(A), ?ID(B)),
    [map_size(M), erlang:phash2(M), erlang:phash2(maps:merge(B, A))].

%% Killed in the middle.
garbage() ->
    Pairs = pairs(90000),
    [begin
         {P, R} = spawn_monitor(fun() -> go_on(Pairs) end),
         receive after N -> exit(P, kill) end,
         receive {'DOWN', R, _, _, Why} -> Why end
     end || N <- [1, 5, 9, 20]].

go_on(Pairs) ->
    M = maps:from_list(Pairs),
    _ = maps:from_keys(maps:keys(M), maps:values(M)),
    go_on(Pairs).
