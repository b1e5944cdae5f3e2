%% Maps across collections, processes and the external format; large ones shared and updated.
-module(map_gc).
-export([run/0]).
-include("diff.hrl").

run() ->
    M = maps:from_list([{{I, <<I:16>>}, [I]} || I <- diff_runner:seq(1, 500)]),
    H = erlang:phash2(M), Vs = vers(M, 50), erlang:garbage_collect(), Me = self(),
    spawn(fun() -> Me ! {back, M, erlang:phash2(M)} end),
    {B, Hb} = receive {back, X, Y} -> {X, Y} end, C = binary_to_term(term_to_binary(M)),
    [H =:= erlang:phash2(M), B =:= M, Hb =:= H, C =:= M, maps:keys(C) =:= maps:keys(M),
        [map_size(V) || V <- Vs], erlang:phash2([maps:keys(V) || V <- Vs]), hd(Vs) =:= M,
        map_size(M), M#{{1, <<1:16>>} := [1]} =:= M].
vers(_, 0) -> [];
vers(M, N) -> [M | vers(maps:remove({N, <<N:16>>}, M#{{0.5, N} => N}), N - 1)].
