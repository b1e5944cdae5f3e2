%% Maps as literals, in patterns, updated with => and :=, sized, compared.
-module(map_basic).
-export([run/0]).
-include("diff.hrl").

run() ->
    M = ?ID(#{a => 1, 2 => b, "s" => c, {t} => d, 1.0 => e, 1 => f}),
    [M, M#{a => 2}, M#{a := 3, 2 := x}, M#{new => 1, a => 0}, map_size(M), map_size(#{}),
        maps:size(M), is_map(M), is_map(?ID([])), #{} =:= maps:new(), maps:get(a, M), map_get(1, M),
        map_get(1.0, M), is_map_key(1, M), is_map_key(zz, M), maps:find(a, M), maps:find(b, M),
        maps:get(b, M, dflt), maps:is_key(a, M), maps:keys(M), maps:values(M), maps:put(k, v, M),
        maps:remove(a, M), maps:remove(zz, M), maps:take(a, M), maps:take(zz, M),
        maps:update(a, 9, M), m(M), m(#{}), m(?ID(x)), M =:= M#{}, M#{a => 1} =:= M,
        #{1 => a} == #{1.0 => a}, #{a => 1} == #{a => 1.0}, #{a => 1} =:= ?ID(#{a => 1.0}),
     ?TRY(M#{nokey := 1}), ?TRY((?ID(x))#{a => 1}), ?TRY((?ID(x))#{a := 1}), ?TRY(maps:get(q, M)),
     ?TRY(maps:update(q, 1, M)), ?TRY(map_size(?ID(a))), ?TRY(map_get(a, ?ID(b))),
     ?TRY(is_map_key(a, ?ID(b)))]
     ++ [?TRY(F()) || F <- [fun() -> maps:keys(?ID(a)) end, fun() -> maps:values(?ID(a)) end,
         fun() -> maps:find(a, ?ID(a)) end, fun() -> maps:put(a, b, ?ID(a)) end,
         fun() -> maps:remove(a, ?ID(a)) end, fun() -> maps:take(a, ?ID(a)) end,
         fun() -> maps:update(a, b, ?ID(a)) end, fun() -> maps:merge(#{}, ?ID(a)) end,
         fun() -> maps:merge(?ID(a), #{}) end, fun() -> maps:is_key(a, ?ID(b)) end,
         fun() -> maps:from_list(?ID(a)) end, fun() -> maps:from_list(?ID([a])) end,
         fun() -> maps:from_list(?ID([{a, 1} | b])) end, fun() -> maps:from_keys(?ID(a), 1) end,
         fun() -> maps:from_keys(?ID([a | b]), 1) end]].
m(#{a := X, 2 := Y}) -> {X, Y};
m(#{}) -> any_map;
m(_) -> no.
