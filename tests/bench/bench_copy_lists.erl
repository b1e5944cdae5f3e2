%% Long flat lists copied between heaps through messages.
-module(bench_copy_lists).
-export([run/1]).

run(N) ->
    L = lists:seq(1, 3000), Me = self(), P = spawn_link(fun() -> echo(Me) end), R = go(P, L, N, 0),
    unlink(P), exit(P, kill), R.
go(_, _, 0, S) -> S;
go(P, L, N, S) -> P ! L, receive [H | _] = M -> go(P, M, N - 1, S + H) end.
echo(Me) -> receive X -> Me ! X, echo(Me) end.
