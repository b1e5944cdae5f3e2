%% process_flag: old values come back, bad ones are refused.
-module(proc_flag).
-export([run/0]).
-include("diff.hrl").

run() ->
    Fs = [{trap_exit, true}, {trap_exit, false}, {priority, low}, {priority, high},
        {priority, normal}, {min_heap_size, 500}, {min_bin_vheap_size, 50000},
        {fullsweep_after, 10}, {max_heap_size, 1000000},
        {max_heap_size, #{size => 0, kill => true, error_logger => true}},
        {message_queue_data, off_heap}, {message_queue_data, on_heap}, {save_calls, 0},
        {error_handler, error_handler}, {sensitive, false}, {async_dist, true},
        {async_dist, false}],
    [{F, V, ?TRY(process_flag(F, V))} || {F, V} <- Fs]
     ++ [{F, V, ?TRY(process_flag(?ID(F), ?ID(V)))} || {F, V} <- [{trap_exit, 1}, {priority, top},
         {min_heap_size, -1}, {min_heap_size, a}, {fullsweep_after, -5}, {max_heap_size, -1},
         {max_heap_size, #{}}, {max_heap_size, #{size => a}}, {message_queue_data, mixed},
         {bogus, 1}, {1, 2}, {save_calls, -1}, {save_calls, 20000}, {error_handler, "x"}]]
     ++ [?TRY(process_flag(self(), save_calls, 0)), ?TRY(process_flag(?ID(a), save_calls, 0)),
         ?TRY(process_flag(self(), trap_exit, true)), process_info(self(), trap_exit),
         process_info(self(), priority)].
