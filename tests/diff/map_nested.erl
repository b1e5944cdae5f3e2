%% Maps inside maps, updated along paths, matched deeply, with maps and tuples as keys.
-module(map_nested).
-export([run/0]).
-include("diff.hrl").

run() ->
    M0 = lists_foldl(fun(I, M) -> put_in([I rem 3, {k, I rem 5}, I], I * I, M) end, #{},
        diff_runner:seq(1, 60)),
    [get_in([0, {k, 0}, 15], M0), get_in([0, nope], M0),
        [map_size(V) || V <- [map_get(K, M0) || K <- maps:keys(M0)]], erlang:phash2(M0),
        #{#{a => 1} => x, #{a => 1.0} => y, [#{}] => z},
        maps:get(#{a => 1}, #{#{a => ?ID(1)} => found}), deep(100),
        (case ?ID(M0) of #{0 := #{{k, 0} := #{15 := V}}} -> V; _ -> none end),
        M0 =:= put_in([0, {k, 0}, 15], 225, M0), size_of(M0)].
put_in([K], V, M) -> M#{K => V};
put_in([K | T], V, M) -> M#{K => put_in(T, V, case M of #{K := S} -> S; _ -> #{} end)}.
get_in([], V) -> {ok, V};
get_in([K | T], M) -> case M of #{K := V} -> get_in(T, V); _ -> none end.
deep(0) -> leaf;
deep(N) -> #{N => deep(N - 1)}.
size_of(M) when is_map(M) -> sum([1 + size_of(map_get(K, M)) || K <- maps:keys(M)]);
size_of(_) -> 0.
sum([H | T]) -> H + sum(T);
sum([]) -> 0.
lists_foldl(F, A, [H | T]) -> lists_foldl(F, F(H, A), T);
lists_foldl(_, A, []) -> A.
