%% Explicit collections, of self and others, synchronous and asynchronous.
-module(proc_gc).
-export([run/0]).
-include("diff.hrl").

run() ->
    Me = self(), P = spawn(fun() -> receive stop -> ok end end),
    Keep = [{I, <<I:64>>} || I <- diff_runner:seq(1, 1000)],
    A = [garbage_collect(), garbage_collect(P), garbage_collect(Me, [{type, minor}]),
        garbage_collect(Me, [{type, major}]), garbage_collect(P, [{async, rid}]),
        receive {garbage_collect, rid, X} -> X after 1000 -> none end], P ! stop,
        D = spawn(fun() -> ok end), receive after 5 -> ok end,
    [A, garbage_collect(D), garbage_collect(D, [{async, 1}]),
        receive {garbage_collect, 1, Y} -> Y after 1000 -> none end, ?TRY(garbage_collect(?ID(a))),
        ?TRY(garbage_collect(Me, ?ID([x]))), erlang:phash2(Keep), length(Keep)].
