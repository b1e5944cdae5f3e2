%% Shortest paths, topological order and spanning tree over a graph of maps.
-module(prog_graph).
-export([run/0]).
-include("diff.hrl").

run() ->
    G = #{a => [{b, 7}, {c, 9}, {f, 14}], b => [{c, 10}, {d, 15}], c => [{d, 11}, {f, 2}],
        d => [{e, 6}], e => [], f => [{e, 9}]}, D = dij([{0, a, [a]}], G, #{}),
        [[{K, map_get(K, D)} || K <- [a, b, c, d, e, f]], topo(G), dfs(a, G), bfs([a], G, [a]),
        mst(G), comps([1, 2, 3, 4, 5, 6], [{1, 2}, {3, 4}, {4, 5}])].
dij([], _, D) -> D;
dij([{_, N, _} | Q], G, D) when is_map_key(N, D) -> dij(Q, G, D);
dij([{C, N, P} | Q], G, D) ->
    dij(ins([{C + W, M, [M | P]} || {M, W} <- map_get(N, G)], Q), G,
        D#{N => {C, lists:reverse(P, [])}}).
ins([X | Xs], Q) -> ins(Xs, i(X, Q));
ins([], Q) -> Q.
i(X, [H | T]) when H < X -> [H | i(X, T)];
i(X, T) -> [X | T].
topo(G) -> lists:reverse(element(2, visit([a, b, c, d, e, f], G, {[], []})), []) .
visit([N | Ns], G, {S, O}) ->
    case lists:member(N, S) of true -> visit(Ns, G, {S, O});
        false -> {S1, O1} = visit([M || {M, _} <- map_get(N, G)], G, {[N | S], O}),
        visit(Ns, G, {S1, [N | O1]}) end;
visit([], _, A) -> A.
dfs(N, G) -> lists:reverse(element(1, visit([N], G, {[], []})), []).
bfs([N | Q], G, S) ->
    New = [M || {M, _} <- map_get(N, G), not lists:member(M, S)], [N | bfs(Q ++ New, G, S ++ New)];
bfs([], _, _) -> [].
mst(G) ->
    kr(diff_runner:sorted([{W, A, B} || A <- maps:keys(G), {B, W} <- map_get(A, G)]),
        maps:from_list([{K, K} || K <- maps:keys(G)])).
kr([{W, A, B} | T], U) ->
    case {find(A, U), find(B, U)} of {X, X} -> kr(T, U);
        {X, Y} -> [{A, B, W} | kr(T, U#{X => Y})] end;
kr([], _) -> [].
find(A, U) -> case map_get(A, U) of A -> A; P -> find(P, U) end.
comps(Vs, Es) ->
    U = lists_foldl(fun({A, B}, U) -> U#{find(A, U) => find(B, U)} end,
        maps:from_list([{V, V} || V <- Vs]), Es), [[V || V <- Vs, find(V, U) =:= R] || R <- Vs,
        map_get(R, U) =:= R].
lists_foldl(F, A, [H | T]) -> lists_foldl(F, F(H, A), T);
lists_foldl(_, A, []) -> A.
