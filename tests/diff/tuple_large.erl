%% Wide tuples: hundreds of elements, matched, updated, compared, turned into lists.
-module(tuple_large).
-export([run/0]).
-include("diff.hrl").

run() ->
    L = diff_runner:seq(1, 3000), T = list_to_tuple(L), T2 = setelement(1500, T, x),
    T3 = setelement(3000, T, x),
    [tuple_size(T), element(1500, T2), T < T2, T2 < T3, T =:= list_to_tuple(tuple_to_list(T)),
        erlang:phash2(T), erlang:phash2(T2), tuple_to_list(T2) -- L, T == setelement(1, T, 1.0),
        T =:= setelement(1, T, 1.0), list_to_tuple(L) > {}, {1, 2} > {3}, {} < {1}, big(1)].
big(X) ->
    {X, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, X, 22, 23, 24, 25, 26,
        27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, {X}}.
