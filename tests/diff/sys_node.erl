%% A node that is not distributed: its name, its neighbours, what needs distribution and fails.
-module(sys_node).
-export([run/0]).
-include("diff.hrl").

run() ->
    [node(), nodes(), nodes(this), nodes(known), nodes([visible, hidden]), is_alive(), node(self()),
        node(make_ref()), erlang:get_cookie(), ?TRY(node(?ID(a))), ?TRY(nodes(?ID(bogus))),
        ?TRY(erlang:monitor_node(?ID(1), true)), ?TRY(erlang:monitor_node('x@y', true)),
        ?TRY(erlang:disconnect_node('x@y')), {nobody, node()} ! hi, {x, 'no@where'} ! hi,
        erlang:send({x, 'no@where'}, hi, [noconnect]), ?TRY(erlang:set_cookie(?ID(1), a)),
        ?TRY(monitor(process, {x, 'no@where'})), receive {'DOWN', _, process, W, R} -> {W,
        R} after 500 -> none end, diff_runner:in_process(fun() -> spawn_link('no@where',
        fun() -> ok end), receive after 5000 -> ok end end),
        ?TRY(erlang:dist_ctrl_get_data(?ID(a))), catch_spawn()].
catch_spawn() ->
    {P, M} = spawn_monitor('no@where', lists, reverse, [[]]),
    receive {'DOWN', M, process, P, R} -> R after 1000 -> none end.
