%% diff: full
%% diff: alone
%% erlang: the built-in functions a to i with wrong arguments, as the shell prints it.
-module(sweep_erlang).
-export([run/0, part/1]).
-include("diff.hrl").

run() -> part(fun(F) -> hd(atom_to_list(F)) < $j end).

%% Tracing and distribution have modules of their own.
part(Wanted) ->
    Without = [exit_signal, display, display_nl, display_string, halt, hibernate, trace, trace_pattern, trace_info, trace_delivered,
               seq_trace_print, setnode, dist_get_stat, dist_ctrl_put_data, load_nif, monitor_node, system_profile,
               processes, registered, ports, loaded, pre_loaded],
    Hidden = [time_offset, system_time, monotonic_time, unique_integer, now, date, time, localtime, universaltime,
              timestamp, md5_init, phash2, phash, term_to_binary, term_to_iovec, external_size, statistics, get_cookie,
              read_timer, memory],
    Fs = lists:sort([FA || {F, A} = FA <- erlang:module_info(exports), erlang:is_builtin(erlang, F, A),
                           not lists:member(F, Without), FA =/= {process_info, 1}, Wanted(F)]),
    sweep_helper:calls(erlang, Fs, Hidden).
