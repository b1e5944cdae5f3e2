%% Medium terms sent to another process and back: what is measured is copying.
-module(bench_copy_terms).
-export([run/1]).

run(N) ->
    T = {[{I, <<"name">>, [I, I + 1], #{id => I}} || I <- lists:seq(1, 60)],
        "a list of characters"}, Me = self(), P = spawn_link(fun() -> echo(Me) end),
        R = go(P, T, N, 0), unlink(P), exit(P, kill), R.
go(_, _, 0, S) -> S;
go(P, T, N, S) -> P ! T, receive {L, _} = U -> go(P, U, N - 1, S + length(L)) end.
echo(Me) -> receive X -> Me ! X, echo(Me) end.
