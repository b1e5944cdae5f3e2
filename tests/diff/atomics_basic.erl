%% atomics: signed and unsigned, every operation, wrap-around, bounds.
-module(atomics_basic).
-export([run/0]).
-include("diff.hrl").

run() ->
    S = atomics:new(3, []), U = atomics:new(2, [{signed, false}]),
    [atomics:put(S, 1, 5), atomics:get(S, 1), atomics:add(S, 1, -10), atomics:get(S, 1),
        atomics:add_get(S, 1, 3), atomics:sub(S, 2, 1), atomics:sub_get(S, 2, 1),
        atomics:exchange(S, 3, 42), atomics:exchange(S, 3, 7), atomics:compare_exchange(S, 3, 7, 8),
        atomics:compare_exchange(S, 3, 7, 9), atomics:get(S, 3), maps:remove(memory, atomics:info(S)),
        atomics:put(S, 1, (1 bsl 63) - 1), atomics:add_get(S, 1, 1), atomics:put(S, 1, -(1 bsl 63)),
        atomics:sub_get(S, 1, 1), atomics:sub_get(U, 1, 1), atomics:add_get(U, 1, 1),
        atomics:put(U, 2, (1 bsl 64) - 1), atomics:get(U, 2), maps:remove(memory, atomics:info(U))]
     ++ [?TRY(F()) || F <- [fun() -> atomics:new(?ID(0), []) end,
         fun() -> atomics:new(?ID(-1), []) end, fun() -> atomics:new(1, ?ID([bad])) end,
         fun() -> atomics:new(1, ?ID(a)) end, fun() -> atomics:get(S, ?ID(0)) end,
         fun() -> atomics:get(S, ?ID(4)) end, fun() -> atomics:get(S, ?ID(a)) end,
         fun() -> atomics:put(S, 1, ?ID(1 bsl 63)) end,
         fun() -> atomics:put(S, 1, ?ID(1 bsl 64)) end, fun() -> atomics:put(S, 1, ?ID(a)) end,
         fun() -> atomics:put(U, 1, ?ID(-1)) end, fun() -> atomics:put(U, 1, ?ID(1 bsl 64)) end,
         fun() -> atomics:get(?ID(make_ref()), 1) end, fun() -> atomics:add(S, 1, ?ID(1.0)) end,
         fun() -> atomics:info(?ID(a)) end]] ++ [conc()].
conc() ->
    A = atomics:new(1, []), Ms = [spawn_monitor(fun() -> [atomics:add(A, 1, 1)
        || _ <- diff_runner:seq(1, 1000)] end) || _ <- diff_runner:seq(1, 4)],
        [diff_runner:wait_down(M) || M <- Ms], atomics:get(A, 1).
