%% counters: both kinds, operations, bounds, several writers.
-module(counters_basic).
-export([run/0]).
-include("diff.hrl").

run() ->
    [begin C = counters:new(2, O), {O, [counters:add(C, 1, 5), counters:get(C, 1),
        counters:sub(C, 1, 7), counters:get(C, 1), counters:put(C, 2, 1 bsl 62), counters:get(C, 2),
        counters:add(C, 2, 1 bsl 62), counters:get(C, 2), maps:get(size, counters:info(C)),
        conc(C)]} end || O <- [[], [atomics], [write_concurrency]]]
     ++ [?TRY(counters:new(?ID(0), [])), ?TRY(counters:new(1, ?ID([bad]))),
         ?TRY(counters:get(counters:new(1, []), ?ID(2))), ?TRY(counters:get(?ID(x), 1)),
         ?TRY(counters:add(counters:new(1, []), 1, ?ID(a)))].
conc(C) ->
    counters:put(C, 1, 0), Ms = [spawn_monitor(fun() -> [counters:add(C, 1, 2)
        || _ <- diff_runner:seq(1, 500)] end) || _ <- diff_runner:seq(1, 4)],
        [diff_runner:wait_down(M) || M <- Ms], counters:get(C, 1).
