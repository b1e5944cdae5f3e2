%% spawn_opt options as the child sees them through process_info.
-module(proc_spawn_opt).
-export([run/0]).
-include("diff.hrl").

run() ->
    Me = self(), Is = [priority, min_heap_size, min_bin_vheap_size, fullsweep_after, max_heap_size,
        message_queue_data, links, monitored_by],
    [begin P = case spawn_opt(fun() -> Me ! {self(), info(I)} end, O) of {Q, _} -> Q; Q -> Q end,
        receive {P, X} -> {O, X} after 2000 -> none end end
        || {O, I} <- [{[], [priority, fullsweep_after, message_queue_data, max_heap_size]},
        {[{priority, high}], [priority]}, {[{priority, low}], [priority]},
        {[{priority, max}], [priority]}, {[{fullsweep_after, 7}], [fullsweep_after]},
        {[{min_heap_size, 1000}], [min_heap_size]}, {[{min_heap_size, 233}], [min_heap_size]},
        {[{min_bin_vheap_size, 50000}], [min_bin_vheap_size]},
        {[{max_heap_size, 100000}], [max_heap_size]}, {[{max_heap_size,
        #{size => 5000000, kill => false, error_logger => false}}], [max_heap_size]},
        {[{message_queue_data, off_heap}], [message_queue_data]},
        {[{message_queue_data, on_heap}], [message_queue_data]}, {[monitor], []},
        {[{monitor, [{tag, t}]}], []}]]
     ++ [length(diff_runner:flush(50)) >= 1].
info(I) -> [process_info(self(), X) || X <- I].
