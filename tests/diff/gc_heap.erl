%% Heaps that grow, shrink and hold old data while young data churns.
-module(gc_heap).
-export([run/0]).
-include("diff.hrl").

run() ->
    Old = [{I, [I, I * 2], <<I:64>>} || I <- diff_runner:seq(1, 5000)], H = erlang:phash2(Old),
    A = churn(200, 0), G = erlang:garbage_collect(), B = erlang:phash2(Old) =:= H,
    C = big_then_small(5), D = trees(12), E = queue(20000),
    [A, G, B, C, D, E, erlang:phash2(Old) =:= H, length(Old), frag(50), bins(300), maps_(60)].
churn(0, S) -> S;
churn(N, S) ->
    L = [{X, [X]} || X <- diff_runner:seq(1, 500)], churn(N - 1,
        (S + erlang:phash2(L, 1000)) rem 1000003).
big_then_small(0) -> [];
big_then_small(N) -> L = diff_runner:seq(1, 100000), S = length(L), [S | big_then_small(N - 1)].
trees(N) -> check(tree(N)).
tree(0) -> leaf;
tree(N) -> {tree(N - 1), N, tree(N - 1)}.
check(leaf) -> 1;
check({L, _, R}) -> check(L) + check(R).
queue(N) -> q({[], []}, N, 0).
q(_, 0, S) -> S;
q({[], []}, N, S) -> q({[N], []}, N - 1, S);
q({I, []}, N, S) -> q({[N], lists:reverse(I, [])}, N - 1, S);
q({I, [H | T]}, N, S) -> q({[N, N | I], T}, N - 1, (S + H) rem 1000007).
frag(0) -> [];
frag(N) ->
    self() ! {N, diff_runner:seq(1, N * 20)}, receive {N, L} -> [length(L) | frag(N - 1)] end.
bins(N) ->
    L = [list_to_binary([I rem 256 || _ <- diff_runner:seq(1, 200)]) || I <- diff_runner:seq(1, N)],
    erlang:garbage_collect(), erlang:md5(L).
maps_(N) ->
    M = lists_foldl(fun(I, A) -> maps:from_list([{K, {I, K}} || K <- diff_runner:seq(1, I)]
        ++ [{prev, map_size(A)}]) end, #{}, diff_runner:seq(1, N)),
        {map_size(M), maps:get(prev, M)}.
lists_foldl(F, A, [H | T]) -> lists_foldl(F, F(H, A), T);
lists_foldl(_, A, []) -> A.
