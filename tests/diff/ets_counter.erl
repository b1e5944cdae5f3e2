%% diff: full
%% update_counter and update_element: every form of the operation, thresholds, defaults, failures.
-module(ets_counter).
-export([run/0]).
-include("diff.hrl").

run() ->
    E = ets:new(t, []), ets:insert(E, [{a, 1, 10}, {b, 1 bsl 59, x}, {c, -5}, {f, 1.5}]),
    [?TRY(F()) || F <- [fun() -> ets:update_counter(E, a, 5) end,
        fun() -> ets:update_counter(E, a, {3, -4}) end,
        fun() -> ets:update_counter(E, a, [{2, 1}, {3, 2}, {2, 10}]) end,
        fun() -> ets:update_counter(E, a, {2, 5, 10, 0}) end,
        fun() -> ets:update_counter(E, a, {2, -5, -1, 7}) end,
        fun() -> ets:update_counter(E, a, {2, 3, 100, 0}) end,
        fun() -> ets:update_counter(E, b, 1 bsl 59) end,
        fun() -> ets:update_counter(E, b, -(1 bsl 70)) end,
        fun() -> ets:update_counter(E, c, 1 bsl 64) end, fun() -> ets:update_counter(E, zz, 1) end,
        fun() -> ets:update_counter(E, zz, 1, {zz, 100}) end,
        fun() -> ets:update_counter(E, yy, {2, 1}, {def, 5, q}) end,
        fun() -> ets:update_counter(E, f, 1) end, fun() -> ets:update_counter(E, b, {3, 1}) end,
        fun() -> ets:update_counter(E, a, {1, 1}) end, fun() -> ets:update_counter(E, a,
        {9, 1}) end, fun() -> ets:update_counter(E, a, x) end,
        fun() -> ets:update_counter(E, a, 1.0) end, fun() -> ets:update_counter(E, a, []) end,
        fun() -> ets:update_counter(E, a, [{2, 1}, {9, 1}]) end, fun() -> ets:lookup(E, a) end,
      fun() -> ets:update_element(E, a, {2, new}) end, fun() -> ets:update_element(E, a,
          [{2, x}, {3, y}]) end, fun() -> ets:update_element(E, zz2, {2, y}) end,
          fun() -> ets:update_element(E, a, {1, key}) end,
          fun() -> ets:update_element(E, a, {7, y}) end,
          fun() -> ets:update_element(E, a, [{2, q}, {7, y}]) end,
          fun() -> ets:update_element(E, a, []) end, fun() -> ets:update_element(E, a, bad) end,
          fun() -> lists:sort(ets:tab2list(E)) end]] ++ bag().
bag() ->
    B = ets:new(b, [bag]), ets:insert(B, {a, 1}), [?TRY(ets:update_counter(B, a, 1)),
        ?TRY(ets:update_element(B, a, {2, 1}))].
