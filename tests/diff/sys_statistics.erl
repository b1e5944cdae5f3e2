%% statistics and memory: their shape, and that counts grow.
-module(sys_statistics).
-export([run/0]).
-include("diff.hrl").

run() ->
    {R0, _} = statistics(reductions), _ = [X * X || X <- diff_runner:seq(1, 20000)],
    {R1, D1} = statistics(reductions), {C0, 0} = statistics(context_switches), M = erlang:memory(),
    [R1 > R0, D1 > 0, is_integer(C0), [K || {K, _} <- M], [V >= 0 || {_, V} <- M],
        erlang:memory(total) > 0, erlang:memory([atom, binary]) =/= [],
        element(1, statistics(garbage_collection)) >= 0, tuple_size(statistics(garbage_collection)),
        tuple_size(statistics(io)), statistics(run_queue) >= 0, tuple_size(statistics(runtime)),
        tuple_size(statistics(wall_clock)), is_list(statistics(run_queue_lengths)),
        is_integer(statistics(total_run_queue_lengths)), is_list(statistics(active_tasks)),
        is_integer(statistics(total_active_tasks)), tuple_size(statistics(exact_reductions)),
        ?TRY(statistics(?ID(bogus))), ?TRY(statistics(?ID(1))), ?TRY(erlang:memory(?ID(bogus))),
        ?TRY(erlang:memory(?ID([total, bogus]))), erlang:bump_reductions(100),
        ?TRY(erlang:bump_reductions(?ID(-1))), ?TRY(erlang:bump_reductions(?ID(a))),
        erlang:yield()].
