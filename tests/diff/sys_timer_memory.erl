%% diff: full
%% diff: alone
%% diff: flags +e 12345
%% What timers take is told by type, and part of what erlang:memory/0 tells of processes; the limit of
%% tables is told as given; a log whose reader ended goes its usual way again.
-module(sys_timer_memory).
-include("diff.hrl").
-export([run/0]).

timer_bytes() ->
    erts_debug:set_internal_state(wait, timer_cancellations),
    erts_debug:set_internal_state(wait, deallocations),
    Ref = make_ref(),
    true = erlang:system_info({memory_internal, Ref, [fix_alloc]}),
    lists:sum([receive {Ref, _, L} -> of_types(L) end || _ <- lists:seq(2, erts_internal:no_aux_work_threads())]).

of_types(L) ->
    lists:sum([used(lists:keydelete(mbcs, 1, Data)) || {fix_alloc, _, Data} <- L]).

used(Data) ->
    Types = case lists:keyfind(fix_types, 1, Data) of
                {fix_types, Ts} -> Ts;
                {fix_types, _, Ts} -> Ts
            end,
    case lists:keyfind(bif_timer, 1, Types) of
        {bif_timer, _, Used} when Used < 1 bsl 60 -> Used;
        {bif_timer, _, Used} -> Used - (1 bsl 64)
    end.

run() ->
    erts_debug:set_internal_state(available_internal_state, true),
    logger:set_primary_config(level, none),
    Before = timer_bytes(),
    Timers = [erlang:start_timer(1 bsl 30, self(), hello) || _ <- lists:seq(1, 1000)],
    With = timer_bytes(),
    Memory = erlang:memory(),
    [erlang:cancel_timer(T) || T <- Timers],
    After = timer_bytes(),
    {Reader, M} = spawn_monitor(fun () -> receive stop -> ok end end),
    Usual = erlang:system_flag(system_logger, Reader),
    Set = erlang:system_info(system_logger) =:= Reader,
    Reader ! stop,
    receive {'DOWN', M, _, _, _} -> ok end,
    {_, M2} = spawn_monitor(fun () -> error(for_the_log) end),
    receive {'DOWN', M2, _, _, _} -> ok end,
    [With - Before >= 1000 * 50, After =:= Before, proplists:get_value(processes, Memory) > With,
     proplists:get_value(total, Memory) =:= proplists:get_value(processes, Memory) + proplists:get_value(system, Memory),
     erlang:system_info(ets_limit), Usual, Set, logger_again(100), of_the_dead(Before)].

%% The log's messages come from a thread of their own on stock.
logger_again(0) -> erlang:system_info(system_logger);
logger_again(N) ->
    case erlang:system_info(system_logger) of
        logger -> logger;
        _ -> receive after 20 -> logger_again(N - 1) end
    end.

of_the_dead(Before) ->
    {Dead, M} = spawn_monitor(fun () -> ok end),
    receive {'DOWN', M, _, _, _} -> ok end,
    T = erlang:start_timer(100000, Dead, hello),
    [erlang:read_timer(T), erlang:cancel_timer(T), timer_bytes() =:= Before].
