%% system_flag and friends that can be set back: old values, bad values.
-module(bif_flags).
-export([run/0]).
-include("diff.hrl").

run() ->
    [begin O = erlang:system_flag(F, V), N = erlang:system_flag(F, O), {F, O, N} end
        || {F, V} <- [{fullsweep_after, 100}, {min_heap_size, 500}, {min_bin_vheap_size, 50000},
        {backtrace_depth, 20}, {max_heap_size, 0}, {trace_control_word, 5}]]
        ++ [?TRY(erlang:system_flag(?ID(F), ?ID(V))) || {F, V} <- [{bogus, 1},
        {fullsweep_after, -1}, {min_heap_size, a}, {backtrace_depth, a}, {schedulers_online, 0},
        {1, 2}]] ++ [depth(3), erlang:system_monitor(), ?TRY(erlang:system_monitor(?ID(bad))),
        erlang:system_monitor(undefined), erlang:system_profile(),
        ?TRY(erlang:system_monitor(self(), ?ID([bad]))), erlang:trace_info(self(), flags),
        erlang:trace_info(new, flags), erlang:trace_info({no_m, f, 1}, traced),
        erlang:trace_info({?MODULE, run, 0}, all), seq_trace:get_token(), seq_trace:set_token([]),
        seq_trace:get_system_tracer()].
depth(N) ->
    O = erlang:system_flag(backtrace_depth, N), R = try rec(10) catch error:_:S -> length(S) end,
    erlang:system_flag(backtrace_depth, O), R.
rec(0) -> error(x);
rec(N) -> [rec(N - 1)].
