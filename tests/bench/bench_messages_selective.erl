%% Calls with fresh references while thousands of other messages wait.
-module(bench_messages_selective).
-export([run/1]).

run(N) ->
    [self() ! {later, I} || I <- lists:seq(1, 5000)], P = spawn_link(fun() -> server() end),
    R = calls(P, N * 10, 0), unlink(P), exit(P, kill), drain(), R.
calls(_, 0, S) -> S;
calls(P, N, S) ->
    R = make_ref(), P ! {self(), R, N}, receive {R, V} -> calls(P, N - 1, (S + V) band 16#ffff) end.
server() -> receive {F, R, N} -> F ! {R, N + 1}, server() end.
drain() -> receive {later, _} -> drain() after 0 -> ok end.
