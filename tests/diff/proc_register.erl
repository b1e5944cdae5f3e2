%% Registered names: taking, losing, sending by name, the errors, whereis after death.
-module(proc_register).
-export([run/0]).
-include("diff.hrl").

run() ->
    Me = self(), P = spawn(fun() -> receive die -> ok end end), M = monitor(process, P),
    A = [register(reg_p, P), whereis(reg_p), ?TRY(register(reg_p, Me)), ?TRY(register(reg_q, P)),
        lists:member(reg_p, registered()), process_info(P, registered_name), reg_p ! hello,
        process_info(P, messages), {reg_p, node()} ! again, process_info(P, message_queue_len),
        erlang:send(reg_p, x), erlang:send({reg_p, node()}, x, [noconnect]),
        erlang:send_nosuspend(reg_p, y), erlang:send_nosuspend({reg_p, node()}, y, []),
        unregister(reg_p), whereis(reg_p), ?TRY(unregister(reg_p)), ?TRY(reg_p ! x),
        register(reg_p2, P)],
    P ! die, receive {'DOWN', M, _, _, _} -> ok end,
    [A, whereis(reg_p2), ?TRY(reg_p2 ! x), {reg_p2, node()} ! lost, ?TRY(register(dead, P)),
        ?TRY(register(undefined, Me)), ?TRY(register(?ID(1), Me)), ?TRY(register(a, ?ID(1))),
        ?TRY(register(true, Me)), ?TRY(unregister(true)), ?TRY(whereis(?ID("x"))),
        ?TRY(unregister(?ID(5))), whereis(no_such_name), ?TRY(erlang:send(Me, x, ?ID([bad]))),
        ?TRY(erlang:send(?ID(1), x)), diff_runner:flush()].
