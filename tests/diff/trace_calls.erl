%% diff: full
%% Tracing of a process: calls with match specs, returns, exceptions, sends and receives, spawns, exits.
-module(trace_calls).
-export([run/0]).
-include("diff.hrl").

-export([f/1, g/2, worker/0]).
f(X) -> [g(X, 1)].
g(X, Y) -> X + Y.
worker() ->
    receive {call, F, A} -> catch apply(?MODULE, F, A), worker();
        {spawn, M} -> spawn_link(fun() -> M ! spawned end), worker(); {send, P, M} -> P ! M,
        worker(); {reg, N} -> register(N, self()), unregister(N), worker(); stop -> ok end.
run() ->
    P = spawn(?MODULE, worker, []), Do = fun(M) -> P ! M, receive after 15 -> ok end end,
    A = [erlang:trace(P, true, [call]), erlang:trace_pattern({?MODULE, f, 1}, true, [local]),
        erlang:trace_pattern({?MODULE, g, 2}, [{'_', [], [{return_trace}]}], [local]),
        erlang:trace_info(P, flags), erlang:trace_info({?MODULE, f, 1}, traced)] ,
        Do({call, f, [1]}), Do({call, g, [a, b]}), T1 = diff_runner:flush(20),
        erlang:trace_pattern({?MODULE, g, 2}, [{'_', [], [{exception_trace}]}], [local]),
        Do({call, g, [a, b]}), Do({call, g, [2, 3]}), T2 = diff_runner:flush(20),
        erlang:trace_pattern({?MODULE, g, 2}, [{['$1', '_'], [{'>', '$1', 5}],
        [{message, {const, big}}]}], [local]), Do({call, g, [9, 1]}), Do({call, g, [1, 1]}),
        T3 = diff_runner:flush(20), B = erlang:trace_pattern({?MODULE, '_', '_'}, false, [local]),
        erlang:trace(P, false, [call]), erlang:trace(P, true, [send, 'receive', procs]),
        Do({send, self(), hello}), Do({spawn, self()}), Do({reg, trace_calls_n}), Do(stop),
        T4 = diff_runner:flush(30), [A, T1, T2, T3, B, T4,
        ?TRY(erlang:trace(?ID(bad), true, [call])), ?TRY(erlang:trace(self(), true, ?ID([bad]))),
        ?TRY(erlang:trace_pattern(?ID(a), true)), erlang:trace_pattern({no_mod, '_', '_'}, true)].
