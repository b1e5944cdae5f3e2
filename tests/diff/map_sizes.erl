%% Every size from nothing to past the change of form, built three ways and taken apart again.
-module(map_sizes).
-export([run/0]).
-include("diff.hrl").

run() ->
    [begin L = [{{I, x1(I)}, I} || I <- diff_runner:seq(1, N)], A = maps:from_list(L),
        B = grow(L, #{}), C = grow(lists:reverse(L, []), #{}),
        {N, A =:= B, B =:= C, erlang:phash2(A), map_size(A), maps:keys(A) =:= maps:keys(C),
        cut(L, A), size(term_to_binary(A))} end || N <- diff_runner:seq(0, 40)
        ++ [63, 64, 65, 128, 256, 1000]].
x1(I) -> I * 1.5.
grow([{K, V} | T], M) -> grow(T, M#{K => V});
grow([], M) -> M.
cut([{K, _} | T], M) -> cut(T, maps:remove(K, M));
cut([], M) -> M.
