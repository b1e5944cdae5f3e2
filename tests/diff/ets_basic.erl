%% diff: full
%% ETS tables of all four types: the same operations on each, so that their differences show.
-module(ets_basic).
-export([run/0]).
-include("diff.hrl").

run() ->
    [{T, type(T)} || T <- [set, ordered_set, bag, duplicate_bag]].
type(T) ->
    E = ets:new(t, [T]),
    R1 = [ets:insert(E, O) || O <- [{a, 1}, {b, 2}, {a, 1}, {a, 3}, {1, x}, {1.0, y}, {"s", z},
        [{c, 1}, {c, 2}, {d, 4, extra}]]],
    Sort = fun(L) when T =:= ordered_set -> L; (L) -> lists:sort(L) end,
    R2 = [?TRY(Sort(ets:lookup(E, K))) || K <- [a, b, 1, 1.0, "s", c, zz]],
    R3 = [ets:member(E, K) || K <- [a, zz, 1, 1.0]],
    R4 = [ets:info(E, I) || I <- [size, type, keypos, protection, named_table, name]],
    R5 = Sort(ets:tab2list(E)),
    R6 = [?TRY(ets:lookup_element(E, K, P)) || {K, P} <- [{b, 1}, {b, 2}, {a, 2}, {b, 3}, {zz, 1}]],
    R7 = [?TRY(ets:insert_new(E, O)) || O <- [{a, 9}, {n, 1}, [{o, 1}, {a, 2}], [{p, 1}, {q, 2}]]],
    R8 = [?TRY(ets:delete_object(E, O)) || O <- [{a, 1}, {a, nope}, {n, 1}]],
    R9 = [ets:take(E, K) || K <- [b, zz]],
    R10 = [ets:delete(E, a), ets:delete(E, zz), Sort(ets:tab2list(E)), ets:info(E, size),
        ets:delete_all_objects(E), ets:tab2list(E)],
    R11 = [?TRY(ets:insert(E, O)) || O <- [{}, a, [a], [{a} | b], {x}]],
    R12 = [ets:first(E), ets:last(E), ets:delete(E), ?TRY(ets:tab2list(E)), ets:info(E),
        ets:info(E, size), ets:whereis(t)],
    [R1, R2, R3, R4, R5, R6, R7, R8, R9, R10, R11, R12].
