%% The game of life on a torus, cells in a map.
-module(prog_life).
-export([run/0]).
-include("diff.hrl").

run() ->
    B = maps:from_list([{P, true} || P <- [{1, 0}, {2, 1}, {0, 2}, {1, 2}, {2, 2}, {5, 5}, {5, 6},
        {5, 7}]]), steps(B, 12, 30).
steps(B, _, 0) -> [diff_runner:sorted(maps:keys(B))];
steps(B, N, K) -> [erlang:phash2(B) | steps(step(B, N), N, K - 1)].
step(B, N) ->
    maps:from_list([{P, true} || X <- diff_runner:seq(0, N - 1), Y <- diff_runner:seq(0, N - 1),
        P <- [{X, Y}], alive(is_map_key(P, B), count(B, X, Y, N))]).
alive(true, C) when C =:= 2; C =:= 3 -> true;
alive(false, 3) -> true;
alive(_, _) -> false.
count(B, X, Y, N) ->
    length([1 || Dx <- [-1, 0, 1], Dy <- [-1, 0, 1], {Dx, Dy} =/= {0, 0},
        is_map_key({(X + Dx + N) rem N, (Y + Dy + N) rem N}, B)]).
