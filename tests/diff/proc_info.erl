%% process_info items of the caller and of others, alive and dead.
-module(proc_info).
-export([run/0]).
-include("diff.hrl").

run() ->
    Me = self(), put(k, v), put({t, 1}, [x]), register(proc_info_me, Me),
    P = spawn_link(fun() -> put(c, 1), receive stop -> ok end end), M = monitor(process, P),
    erlang:yield(),
    D = spawn(fun() -> ok end), MD = monitor(process, D), receive {'DOWN', MD, _, _, _} -> ok end,
    Me ! m1, Me ! {m2, x},
    Items = [registered_name, dictionary, messages, message_queue_len, links, monitors,
        monitored_by, trap_exit, status, priority, group_leader, current_function, initial_call,
        error_handler, suspending, catchlevel, parent, {dictionary, k}, sequential_trace_token,
        message_queue_data, trace],
    R = [{I, ?TRY(norm1(process_info(Me, I)))} || I <- Items, I =/= group_leader, I =/= parent,
        I =/= {dictionary, k}, I =/= catchlevel],
    S = [{I, ?TRY(process_info(P, I))} || I <- [registered_name, trap_exit, links, monitored_by,
        priority, initial_call, messages, message_queue_len, suspending]],
    T = [process_info(D), process_info(D, links), process_info(D, [links, messages]),
        ?TRY(process_info(Me, ?ID(bogus))), ?TRY(process_info(Me, ?ID([links, bogus]))),
        ?TRY(process_info(?ID(a), links)), ?TRY(process_info(?ID(a))), process_info(Me, []),
        [K || {K, _} <- process_info(Me)], process_info(Me,
        [trap_exit, message_queue_len, trap_exit])],
    U = [is_integer(element(2, process_info(Me, I))) || I <- [reductions, memory, heap_size,
        stack_size, total_heap_size, min_heap_size]],
    G = [element(1, process_info(Me, I)) || I <- [garbage_collection, garbage_collection_info,
        backtrace, binary, current_stacktrace, current_location]],
    unregister(proc_info_me), N = process_info(Me, registered_name), demonitor(M), unlink(P),
    P ! stop, diff_runner:flush(), erase(k), erase({t, 1}),
    [R, S, T, U, G, N].
norm1({dictionary, L}) -> {dictionary, diff_runner:sorted(L)};
norm1({current_function, {M, _, _}}) -> {current_function, M};
norm1({monitored_by, _}) -> monitored_by;
norm1(X) -> X.
