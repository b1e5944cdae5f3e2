%% diff: full
%% diff: alone
%% diff: flags +S 2:2
%% Topologies of processors, the orders in which schedulers are bound to them, and what is refused.
-module(sys_topology).
-include("diff.hrl").
-export([run/0]).

cpu(Node, Processor, Inner, Core, Thread, Logical) ->
    {cpu, Node, Processor, Inner, Core, Thread, Logical}.

%% Nodes with processors beside a processor with nodes.
mixed() ->
    [{node, [{processor, [{core, [{thread, {logical, 0}}, {thread, {logical, 1}}]},
                          {core, [{thread, {logical, 2}}, {thread, {logical, 3}}]}]},
             {processor, [{core, [{thread, {logical, 4}}, {thread, {logical, 5}}]}]}]},
     {processor, [{node, [{core, {logical, 6}}, {core, {logical, 7}}]},
                  {node, [{core, {logical, 8}}, {core, {logical, 9}}]}]}].

uneven() ->
    [{processor, [{core, {logical, N}} || N <- [0, 1, 2]]},
     {processor, [{thread, {logical, N}} || N <- [3, 4]]},
     {processor, [{thread, {logical, 5}}]}].

types() ->
    [unbound, no_spread, thread_spread, processor_spread, spread, no_node_thread_spread,
     no_node_processor_spread, thread_no_node_processor_spread, default_bind].

orders() -> [{T, erts_debug:get_internal_state({fake_scheduler_bindings, T})} || T <- types()].
groups() -> [lists:sort(erts_debug:get_internal_state({reader_groups_map, N})) || N <- lists:seq(1, 8)].

with(Topology) ->
    erlang:system_flag(cpu_topology, Topology),
    {erlang:system_info(cpu_topology), erlang:system_info({cpu_topology, defined}), orders(), groups()}.

run() ->
    logger:set_primary_config(level, none),
    erts_debug:set_internal_state(available_internal_state, true),
    Detected = erlang:system_info({cpu_topology, detected}),
    R = [with(mixed()), with(uneven()),
         ?TRY(erlang:system_flag(cpu_topology, undefined)),
         erlang:system_info(cpu_topology) =:= Detected,
         [?TRY(erlang:system_flag(cpu_topology, T)) || T <- [?ID(foo), [foo], [{core, {logical, 0}}, {core, {logical, 0}}]]],
         [?TRY(erlang:system_flag(internal_cpu_topology, T)) || T <-
              [[], [cpu(-1, 0, -1, 0, 0, 0), cpu(-1, 0, -1, 0, 0, 1)], [cpu(0, 0, -1, 0, 0, 0), cpu(-1, 1, -1, 0, 0, 1)],
               [cpu(-1, 0, -1, 0, 0, 70000)], [cpu(-2, 0, -1, 0, 0, 0)]]],
         [?TRY(erlang:system_info({cpu_topology, W})) || W <- [?ID(foo), 1]],
         [?TRY(erlang:system_flag(scheduler_bind_type, T)) || T <- [?ID(foo), 1]],
         lists:usort(tuple_to_list(erlang:system_info(scheduler_bindings))),
         [{Kind, All >= Online, Online >= Active, Active > 0} ||
             {Kind, All, Online, Active} <- erlang:system_info(all_schedulers_state)]],
    erlang:system_flag(cpu_topology, undefined),
    R.
