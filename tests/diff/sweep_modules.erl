%% diff: full
%% diff: alone
%% Modules with few built-in functions: every one with wrong arguments, as the shell prints it. Of
%% erts_internal those that check their arguments (stock takes those of the others on trust); sizes of
%% heap objects are each machine's own.
-module(sweep_modules).
-export([run/0]).
-include("diff.hrl").

run() ->
    lists:append(
      [all(M) || M <- [atomics, counters, maps, math, lists, unicode, binary, prim_file, erts_literal_area_collector]]) ++
        sweep_helper:all(os, [getpid, timestamp, system_time, perf_counter, getenv, env, putenv, unsetenv]) ++
        sweep_helper:all(persistent_term, [info, get]) ++ sweep_helper:all(erl_ddll, [], [loaded_drivers]) ++
        sweep_helper:all(re, [version], [compile]) ++
        sweep_helper:all(erts_debug, [display, set_internal_state, get_internal_state, breakpoint, disassemble,
                                      instructions, dirty, dirty_cpu, dirty_io, lcnt_clear, lcnt_collect, lcnt_control,
                                      interpreter_size],
                         [flat_size, size_shared]) ++
        internal().

all(M) -> ["-- " ++ atom_to_list(M) | sweep_helper:all(M, [])].

internal() ->
    Checked = [atomics_new, beamfile_chunk, beamfile_module_md5, cmp_term, counters_info, counters_new, is_system_process,
               is_process_executing_dirty, map_to_tuple_keys, map_hashmap_children, perf_counter_unit, port_call,
               port_close, port_connect, port_control, port_info, process_display, process_flag, system_check,
               ets_super_user, time_unit, term_type, purge_module, ets_lookup_binary_info, suspend_process,
               check_dirty_process_code],
    All = [F || {F, A} <- erts_internal:module_info(exports), erlang:is_builtin(erts_internal, F, A)],
    sweep_helper:all(erts_internal, All -- Checked).
