%% Where a process is: current function, stack trace with lines, initial call, status.
-module(proc_stack).
-export([run/0]).
-include("diff.hrl").

run() ->
    P = spawn(fun() -> outer(3) end), W = fun W0(N) when N > 200 -> late;
        W0(N) -> case process_info(P, status) of {status, waiting} -> ok;
            _ -> receive after 1 -> ok end, W0(N + 1) end end, W(0),
            [process_info(P, current_function), process_info(P, current_stacktrace),
                process_info(P, current_location), process_info(P, initial_call),
                process_info(P, status), process_info(self(), current_function),
                top(process_info(self(), current_stacktrace)), f1(), exit(P, kill)].
outer(0) -> inner();
outer(N) ->
    [outer(N - 1)].
inner() ->
    receive
        never -> ok
    end.
top({K, L}) -> {K, diff_runner:trace(L)}.
f1() -> [f2(1)].
f2(X) -> {f3(X), X}.
f3(_) -> top(process_info(self(), current_stacktrace)).
