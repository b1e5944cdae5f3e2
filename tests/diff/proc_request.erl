%% spawn_request: success and failure replies, abandonment.
-module(proc_request).
-export([run/0]).
-include("diff.hrl").

run() ->
    Me = self(), R1 = spawn_request(fun() -> Me ! hi end),
    A = receive {spawn_reply, R1, ok, P} -> is_pid(P) after 1000 -> none end,
    B = receive hi -> hi end,
    R2 = spawn_request(fun() -> ok end, [{reply, no}]), C = spawn_request_abandon(R2),
    R3 = spawn_request(fun() -> ok end, [monitor, {reply_tag, tagged}]),
    D = receive {tagged, R3, ok, _} -> ok after 1000 -> none end,
    E = receive {'DOWN', R3, process, _, W} -> W after 1000 -> none end,
    R4 = spawn_request(node(), erlang, apply, [fun() -> Me ! four end, []],
        [{reply, success_only}]), F = receive {spawn_reply, R4, ok, _} -> ok after 1000 -> none end,
        G = receive four -> 4 end,
    [A, B, C, D, E, F, G, ?TRY(spawn_request(?ID(a))), ?TRY(spawn_request_abandon(?ID(a))),
        ?TRY(spawn_request(fun() -> ok end, ?ID([bad | x]))), diff_runner:flush(10)].
