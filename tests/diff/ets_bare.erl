%% ETS through its BIFs alone: what boot and the code server rely on.
-module(ets_bare).
-export([run/0]).
-include("diff.hrl").

run() ->
    T = ets:new(eb, [set]), O = ets:new(eo, [ordered_set, {keypos, 2}]), B = ets:new(ebg, [bag]),
    [ets:insert(T, [{I, I * I} || I <- diff_runner:seq(1, 200)]), ets:lookup(T, 77),
        ets:lookup(T, 77.0), ets:member(T, 200), ets:insert_new(T, {1, x}),
        ets:insert_new(T, {201, x}), ets:info(T, size), ets:delete(T, 5), ets:lookup(T, 5),
        ets:lookup_element(T, 9, 2), ets:update_counter(T, 9, 1), ets:update_element(T, 9, {2, y}),
        ets:lookup(T, 9)] ++ [ets:insert(O, [{a, 3}, {b, 1}, {c, 2}, {d, 1.0}, {e, x}]),
        ets:first(O), ets:next(O, 1), ets:last(O), ets:prev(O, x), ets:match_object(O, '_'),
        ets:select(O, [{{'$1', '$2'}, [{is_integer, '$2'}], ['$1']}]),
        ets:insert(B, [{k, 1}, {k, 2}, {k, 1}, {j, 1}]), ets:lookup(B, k),
        ets:delete_object(B, {k, 1}), ets:lookup(B, k), diff_runner:sorted(ets:match(B, {'$1', '_'})),
        ets:take(B, k), ets:info(B, size), ets:delete(B), ?TRY(ets:lookup(B, k)),
        ets:insert(T, {k, v}), ets:lookup(T, k), ets:safe_fixtable(T, true),
        ets:safe_fixtable(T, false), ets:delete_all_objects(T), ets:info(T, size), ets:whereis(eb),
        ?TRACE(ets:insert(T, ?ID(bad))), ?TRACE(ets:lookup_element(T, nokey, 1))].
