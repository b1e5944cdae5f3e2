%% unlink races and repeats: no exit message after unlink has returned and the queue was flushed.
-module(proc_unlink).
-export([run/0]).
-include("diff.hrl").

run() ->
    process_flag(trap_exit, true), [one(I) || I <- diff_runner:seq(1, 5)]
        ++ [begin P = spawn_link(fun() -> receive x -> ok end end), true = unlink(P),
            true = unlink(P), P ! x, receive {'EXIT', P, _} -> told after 20 -> silent end end,
            begin P2 = spawn_link(fun() -> receive x -> exit(bye) end end), unlink(P2), link(P2),
            P2 ! x, receive {'EXIT', P2, R} -> R after 500 -> silent end end, relink(30)].
one(I) ->
    P = spawn_link(fun() -> exit(I) end), case I rem 2 of 0 -> erlang:yield(); _ -> ok end,
    unlink(P), receive {'EXIT', P, _} -> ok after 0 -> ok end,
    receive {'EXIT', P, _} -> late after 5 -> none end.
relink(0) -> done;
relink(N) ->
    P = spawn(fun() -> receive x -> ok end end), link(P), unlink(P), link(P), P ! x,
    receive {'EXIT', P, normal} -> relink(N - 1) after 500 -> {missing, N} end.
