%% Facts of the machine that must be the same on every implementation of this release.
-module(sys_info).
-export([run/0]).
-include("diff.hrl").

run() ->
    [{I, erlang:system_info(I)} || I <- [machine, otp_release, version, wordsize,
        {wordsize, internal}, {wordsize, external}, smp_support, threads, heap_type, endian,
        modified_timing_level, fullsweep_after, min_heap_size, min_bin_vheap_size, max_heap_size,
        message_queue_data, multi_scheduling, multi_scheduling_blockers,
        normal_multi_scheduling_blockers, nif_version, driver_version, delayed_node_table_gc,
        dist_buf_busy_limit, compat_rel, c_compiler_used_, process_limit, atom_limit, ets_limit,
        port_limit, schedulers_online_, tolerant_timeofday, os_monotonic_time_source_, creation,
        dist, system_architecture_, eager_check_io, kernel_poll, start_time_, build_type,
        debug_compiled, otp_correction_package_, port_parallelism, scheduler_bind_type,
        time_correction, time_warp_mode, end_time_, ets_count_], good(I)]
    ++ [is_integer(erlang:system_info(I)) || I <- [schedulers, schedulers_online,
        dirty_cpu_schedulers, dirty_cpu_schedulers_online, dirty_io_schedulers, process_count,
        port_count, atom_count, ets_count, start_time, logical_processors_available, scheduler_id,
        thread_pool_size, async_dist_ , end_time], I =/= async_dist_]
    ++ [is_list(erlang:system_info(I)) || I <- [system_version, system_architecture, loaded, procs,
        alloc_util_allocators]] ++ [?TRY(erlang:system_info(?ID(X)))
        || X <- [bogus, 1, {a, b}, "x"]]
        ++ [erlang:system_info(process_count) =:= length(processes()) orelse close,
        lists:member(self(), processes())].
good(I) ->
    not lists:member(I, [c_compiler_used_, schedulers_online_, os_monotonic_time_source_,
        system_architecture_, start_time_, otp_correction_package_, end_time_, ets_count_,
        creation]).
