%% Links: exits travel along them by their rules; trap_exit turns them into messages.
-module(proc_link).
-export([run/0]).
-include("diff.hrl").

run() ->
    process_flag(trap_exit, true), Me = self(),
    [begin P = spawn_link(fun() -> exit(R) end), receive {'EXIT', P, X} -> {R,
        X} after 2000 -> none end end || R <- [normal, kill, killed, shutdown, {a, b}, noproc]]
     ++ [begin P = spawn_link(fun() -> receive never -> ok end end), exit(P, R),
         receive {'EXIT', P, X} -> {R, X} after 20 -> exit(P, kill),
         receive {'EXIT', P, Y} -> {R, survived, Y} end end end
         || R <- [normal, kill, shutdown, other]]
     ++ [begin P = spawn_link(fun() -> process_flag(trap_exit, true),
         receive M -> exit({got, M}) end end), erlang:yield(), wait_trap(P), exit(P, R),
         receive {'EXIT', P, X} -> {R, X} end end || R <- [normal, shutdown, other, kill]]
     ++ [chain(5), ?TRY(link(?ID(a))), ?TRY(unlink(?ID(a))), unlink(spawn(fun() -> ok end)),
         dead_link(), link(Me), unlink(Me), exit_self(), twice(), untrapped(),
         ?TRY(exit(?ID(a), x)), exit(spawn(fun() -> ok end), x), err_link()].
wait_trap(P) ->
    case process_info(P, trap_exit) of {_, true} -> ok; _ -> erlang:yield(), wait_trap(P) end.
chain(N) -> P = spawn_link(fun() -> build(N) end), receive {'EXIT', P, R} -> R end.
build(0) -> exit(bottom);
build(N) -> spawn_link(fun() -> build(N - 1) end), receive never -> ok end.
dead_link() ->
    P = spawn(fun() -> ok end), M = monitor(process, P), receive {'DOWN', M, _, _, _} -> ok end,
    R = ?TRY(link(P)), X = receive {'EXIT', P, W} -> W after 100 -> none end, {R, X}.
exit_self() ->
    exit(self(), normal), A = receive {'EXIT', P, R} when P =:= self() -> R after 100 -> none end,
    exit(self(), foo), B = receive {'EXIT', Q, S} when Q =:= self() -> S after 100 -> none end,
    {A, B}.
twice() ->
    P = spawn(fun() -> receive go -> exit(x) end end), link(P), link(P), P ! go,
    receive {'EXIT', P, x} -> receive {'EXIT', P, _} -> two after 20 -> one end end.
untrapped() ->
    [diff_runner:in_process(fun() -> P = spawn_link(fun() -> receive go -> exit(R) end end), P ! go,
        receive never -> ok after 50 -> alive end end) || R <- [normal, abnormal, kill]].
err_link() ->
    P = spawn_link(fun() -> error(boom, [a]) end), receive {'EXIT', P,
        {boom, [{M, F, A, _} | _]}} -> {boom, M, F, A}; {'EXIT', P, O} -> O end.
