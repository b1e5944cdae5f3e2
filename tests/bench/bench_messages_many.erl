%% Many busy pairs at once: all schedulers send and receive.
-module(bench_messages_many).
-export([run/1]).

run(N) ->
    Me = self(), Ps = [spawn_link(fun() -> pair(N), Me ! {done, self()} end)
        || _ <- lists:seq(1, 16)], [receive {done, P} -> ok end || P <- Ps], length(Ps).
pair(N) -> Me = self(), P = spawn_link(fun() -> echo(Me) end), go(P, N), unlink(P), exit(P, kill).
go(_, 0) -> ok;
go(P, N) -> P ! N, receive N -> go(P, N - 1) end.
echo(Me) -> receive X -> Me ! X, echo(Me) end.
