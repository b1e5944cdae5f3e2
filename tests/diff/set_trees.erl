%% diff: full
%% gb_trees, dict, orddict, array, queue, proplists, digraph.
-module(set_trees).
-export([run/0]).
-include("diff.hrl").

run() ->
    T = lists:foldl(fun(K, A) -> gb_trees:enter(K, {v, K}, A) end, gb_trees:empty(),
        [5, 2, 8, 1, 9, 3]), D = dict:from_list([{I, I * I} || I <- lists:seq(1, 30)]),
        O = orddict:from_list([{b, 1}, {a, 2}]), A = array:from_list([a, b, c]),
        Q = queue:from_list([1, 2, 3]), P = [a, {b, 1}, {b, 2}, {c, true}, d],
    [T, gb_trees:to_list(T), gb_trees:lookup(2, T), gb_trees:lookup(7, T), gb_trees:get(8, T),
        ?TRY(gb_trees:get(7, T)), ?TRY(gb_trees:insert(5, x, T)), gb_trees:delete(5, T),
        gb_trees:take_smallest(T), gb_trees:largest(T), gb_trees:keys(T), gb_trees:balance(T),
        gb_trees:map(fun(K, _) -> K end, T), gb_trees:next(gb_trees:iterator_from(3, T)),
     lists:sort(dict:to_list(D)), dict:find(5, D), dict:find(99, D), dict:size(D), dict:fetch(3, D),
     ?TRY(dict:fetch(99, D)), lists:sort(dict:fetch_keys(dict:filter(fun(_, V) -> V > 800 end, D))),
     dict:fold(fun(_, V, S) -> V + S end, 0, D), dict:to_list(dict:update_counter(x, 2,
         dict:append(y, 1, dict:new()))), erlang:phash2(D), O, orddict:store(c, 3, O),
         orddict:update(a, fun(X) -> X + 1 end, O), ?TRY(orddict:fetch(z, O)),
         orddict:merge(fun(_, X, Y) -> X + Y end, O, [{a, 10}]),
     array:get(1, A), array:to_list(array:set(5, f, A)), array:size(A), ?TRY(array:get(-1, A)),
     array:sparse_to_orddict(array:set(7, x, array:new())),
     array:foldl(fun(I, V, S) -> [{I, V} | S] end, [], A),
     array:to_list(array:map(fun(I, V) -> {I, V} end, A)),
     array:get(100, array:new([{default, d}])), array:resize(2, A),
     queue:to_list(queue:in(4, Q)), queue:out(Q), queue:out_r(Q), queue:head(Q), queue:last(Q),
     queue:len(Q), queue:reverse(Q), queue:join(Q, Q), queue:split(1, Q),
     queue:filter(fun(X) -> X > 1 end, Q), queue:peek(queue:new()), ?TRY(queue:head(queue:new())),
     queue:member(2, Q), queue:fold(fun(X, S) -> X + S end, 0, Q), queue:delete(2, Q),
     proplists:get_value(b, P), proplists:get_value(a, P), proplists:get_value(z, P, dflt),
     proplists:get_all_values(b, P), proplists:get_bool(c, P), proplists:lookup(b, P),
     proplists:delete(b, P), proplists:compact(P), proplists:unfold(P), proplists:get_keys(P),
     proplists:split(P, [b]), proplists:substitute_aliases([{d, e}], P), proplists:to_map(P),
     graph()].
graph() ->
    G = digraph:new(), [digraph:add_vertex(G, V) || V <- [a, b, c, d]],
    [digraph:add_edge(G, X, Y) || {X, Y} <- [{a, b}, {b, c}, {c, a}, {c, d}]],
    R = [lists:sort(digraph:vertices(G)), digraph:no_edges(G), digraph:get_path(G, a, d),
        digraph:get_cycle(G, d), lists:sort(digraph:in_neighbours(G, a)),
        lists:sort(lists:map(fun lists:sort/1, digraph_utils:strong_components(G))),
        digraph_utils:is_acyclic(G), lists:sort(digraph_utils:reachable([d], G)),
        digraph_utils:topsort(G)], digraph:delete(G), R.
