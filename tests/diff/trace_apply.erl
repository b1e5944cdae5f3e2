%% diff: full
%% A process that begins with a fun begins with a call of erlang:apply/2; calls of it that are
%% instructions are none.
-module(trace_apply).
-export([run/0]).

run() ->
    erlang:trace_pattern({erlang, apply, '_'}, true, [call_count, call_time]),
    erlang:trace_pattern({erlang, apply, '_'}, [{'_', [], [{return_trace}]}], [local]),
    erlang:trace(new, true, [call]),
    F = fun() -> ok end,
    Name = list_to_atom("apply"),
    [begin {P, R} = spawn_monitor(S), receive {'DOWN', R, process, P, _} -> ok end end
     || S <- [F, fun() -> apply(F, []) end, fun() -> apply(erlang, Name, [F, []]) end]],
    {P, R} = spawn_monitor(erlang, apply, [F, []]),
    receive {'DOWN', R, process, P, _} -> ok end,
    erlang:trace(new, false, [call]),
    {call_count, N} = erlang:trace_info({erlang, apply, 2}, call_count),
    {call_time, Times} = erlang:trace_info({erlang, apply, 2}, call_time),
    erlang:trace_pattern({erlang, apply, '_'}, false, [call_count, call_time, local]),
    {N, [C || {_, C, _, _} <- Times], traces()}.

traces() ->
    receive
        {trace, _, call, {M, F, [_, As]}} -> [{call, M, F, As} | traces()];
        {trace, _, K, A, B} -> [{K, A, B} | traces()]
    after 100 -> []
    end.
