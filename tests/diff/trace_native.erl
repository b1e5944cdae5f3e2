%% Calls inside a library function that has a native body are reported and counted as ever.
%% diff: full
%% diff: alone
-module(trace_native).
-export([run/0]).
-include("diff.hrl").

run() ->
    L = ?ID([3, 1, 2, 5, 4, 9, 8]),
    Before = lists:sort(L),
    Me = self(),
    P = spawn_link(fun() -> receive go -> ok end, Me ! {self(), lists:sort(L)}, receive stop -> ok end end),
    N = erlang:trace_pattern({lists, '_', '_'}, true, [local]),
    1 = erlang:trace(P, true, [call, arity]),
    P ! go,
    Sorted = receive {P, S} -> S end,
    _ = erlang:trace(P, false, [all]),
    Calls = calls(P, erlang:trace_delivered(P)),
    M = erlang:trace_pattern({lists, '_', '_'}, false, [local]),
    erlang:trace_pattern({lists, sort, 1}, true, [call_count]),
    _ = [lists:sort(L) || _ <- [1, 2, 3]],
    {call_count, Count} = erlang:trace_info({lists, sort, 1}, call_count),
    erlang:trace_pattern({lists, sort, 1}, false, [call_count]),
    P ! stop,
    [Before, N > 10, M =:= N, Sorted, Calls, Count, lists:sort(L)].

calls(P, Ref) ->
    receive
        {trace, P, call, MFA} -> [MFA | calls(P, Ref)];
        {trace_delivered, P, Ref} -> []
    end.
