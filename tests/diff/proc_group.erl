%% Group leaders are inherited, can be set on others, and are checked.
-module(proc_group).
-export([run/0]).
-include("diff.hrl").

run() ->
    G0 = group_leader(), Me = self(), P = spawn(fun() -> Me ! {gl, group_leader()},
        receive go -> Me ! {gl, group_leader()} end end), A = receive {gl, X} -> X =:= G0 end,
        group_leader(Me, P), P ! go, B = receive {gl, Y} -> Y =:= Me end, group_leader(Me, Me),
        C = diff_runner:in_process(fun() -> group_leader() =:= Me end), group_leader(G0, Me),
    [A, B, C, group_leader() =:= G0, ?TRY(group_leader(?ID(a), Me)),
        ?TRY(group_leader(Me, ?ID(a)))].
