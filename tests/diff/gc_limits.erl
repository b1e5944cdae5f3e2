%% max_heap_size kills or spares; the reason is what the monitor sees.
-module(gc_limits).
-export([run/0]).
-include("diff.hrl").

run() ->
    W = fun(O) -> {P, M} = spawn_opt(fun() -> exit({built, length(diff_runner:seq(1, 300000))}) end,
        [monitor | O]), receive {'DOWN', M, process, P, R} -> R after 5000 -> none end end,
    [W([]), W([{max_heap_size, #{size => 20000, kill => true, error_logger => false}}]),
        W([{max_heap_size, #{size => 20000, kill => false, error_logger => false}}]),
        W([{max_heap_size, #{size => 100000000, kill => true, error_logger => false}}]),
        W([{max_heap_size, 0}]),
     diff_runner:in_process(fun() -> process_flag(max_heap_size,
         #{size => 10000, kill => true, error_logger => false}), diff_runner:seq(1, 200000),
         fine end), (fun() -> {P, M} = spawn_opt(fun() -> receive stop -> ok end end,
         [monitor, {max_heap_size, #{size => 10000, kill => true, error_logger => false}}]),
         P ! diff_runner:seq(1, 100000), P ! stop, receive {'DOWN', M, process, P,
         R} -> R after 3000 -> none end end)()].
