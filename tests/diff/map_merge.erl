%% maps:merge of every pair of sizes around the flat limit; the right side wins.
-module(map_merge).
-export([run/0]).
-include("diff.hrl").

run() ->
    Rs = [{1, 0}, {1, 5}, {3, 10}, {1, 31}, {2, 33}, {30, 70}, {1, 100}, {90, 300}],
    Ms = [maps:from_list([{I, {A, I}} || I <- diff_runner:seq(A, B)]) || {A, B} <- Rs],
    [begin M = maps:merge(X, Y), {map_size(M), erlang:phash2(M),
        M =:= maps:from_list([{K, V} || {K, V} <- l(X)] ++ l(Y))} end || X <- Ms, Y <- Ms].
l(M) -> [{K, map_get(K, M)} || K <- maps:keys(M)].
