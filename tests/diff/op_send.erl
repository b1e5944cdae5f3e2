%% The send operator in every position and to every kind of destination.
-module(op_send).
-export([run/0]).
-include("diff.hrl").

run() ->
    Me = self(), register(op_send_n, Me), A = [Me ! 1, op_send_n ! 2, {op_send_n, node()} ! 3,
        (self() ! 4) + 1, [Me ! {nested, Me ! 5}], (fun() -> Me ! 6 end)(),
        case Me ! 7 of 7 -> seven end, erlang:send(Me, 8), erlang:send(op_send_n, 9, []),
        erlang:send(Me, 10, [nosuspend, noconnect]), Me ! Me ! chained], unregister(op_send_n),
        P = spawn(fun() -> ok end), diff_runner:wait_down({P, monitor(process, P)}),
        [A, diff_runner:flush(), P ! dead, ?TRY(no_such_reg ! x), {no_such_reg, node()} ! x,
        ?TRY((?ID([])) ! x), ?TRY({a} ! x), ?TRY((?ID("str")) ! x), make_ref() ! x,
        ?TRACE(tail(no_such_reg)), diff_runner:flush()].
tail(D) -> D ! last.
