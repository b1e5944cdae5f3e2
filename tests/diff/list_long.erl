%% Lists of a hundred thousand elements through the BIFs that have to yield on the way.
-module(list_long).
-export([run/0]).
-include("diff.hrl").

run() ->
    N = 100000, L = diff_runner:seq(1, N), R = lists:reverse(L, []),
    B = list_to_binary([I band 255 || I <- L]),
    [length(L), hd(R), L =:= lists:reverse(R, []), length(L ++ L), L ++ [x] =:= L, length(L -- R),
        (L ++ R) -- L =:= R, lists:member(N, L), lists:member(0, L),
        lists:keyfind(N, 1, [{I, I} || I <- L]), byte_size(B), length(binary_to_list(B)),
        erlang:md5(B), list_to_tuple(L) =:= list_to_tuple(L), tuple_size(list_to_tuple(L)),
        iolist_size([B, [B | B]]), erlang:phash2(L), L < R, L == L, byte_size(term_to_binary(L)),
        map_size(maps:from_list([{I, I} || I <- L])), length(R -- diff_runner:seq(1, 99990)),
        erlang:external_size(L)].
