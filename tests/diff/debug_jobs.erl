%% What erts_debug offers to test suites: jobs on dirty threads, tasks in another process.
-module(debug_jobs).
-export([run/0]).
-include("diff.hrl").

run() -> [kinds(), errors(), waits(), tasks(), state()].

kinds() ->
    [{erts_debug:dirty_cpu(scheduler, type), erts_debug:dirty_io(scheduler, type),
      erts_debug:dirty(normal, scheduler, type)},
     [erts_debug:dirty_io(reschedule, N) || N <- [0, 2, 4, 100]],
     [erts_debug:dirty_cpu(reschedule, N) || N <- [0, 2, 4, 100]],
     length(erts_debug:dirty_cpu(copy, lists:seq(1, 100)))].

errors() ->
    [?TRY(erts_debug:dirty_cpu(error, E)) || E <- [notsup, undef, badarith, noproc, system_limit, badarg, other]]
        ++ [?TRY(erts_debug:dirty_io(reschedule, 7)), ?TRY(erts_debug:dirty_io(nothing, 7))].

%% Signals come through while a process waits on a dirty thread.
waits() ->
    {P, M} = spawn_monitor(fun() -> erts_debug:dirty_io(wait, 400) end),
    true = erlang:garbage_collect(P),
    false = erlang:check_process_code(P, no_such_module),
    exit(P, kill),
    receive {'DOWN', M, _, _, Why} -> {Why, erts_debug:dirty_io(wait, 5), erts_debug:dirty_cpu(wait, 5)} end.

tasks() ->
    P = spawn(fun() -> receive stop -> ok end end),
    [erts_internal:request_system_task(P, L, {system_task_test, {L, 1}}) || L <- [low, normal, high, max]],
    A = [receive {system_task_test, {L, 1}, R} -> {L, R} end || L <- [low, normal, high, max]],
    exit(P, kill),
    A.

state() ->
    erts_debug:set_internal_state(available_internal_state, true),
    Big = binary:copy(?ID(<<1, 2, 3>>), 100),
    <<_, Part/binary>> = Big,
    A = [element(1, I) || I <- [erts_debug:get_internal_state({binary_info, B}) || B <- [Big, Part]]],
    B = is_integer(maps:get(table, erts_debug:get_internal_state(persistent_term))),
    C = [erts_debug:set_internal_state(ets_force_trap, V) || V <- [true, false]],
    erts_debug:set_internal_state(available_internal_state, false),
    [A, B, C, [N || {N, _, _} <- erlang:system_info(ethread_info)]].
