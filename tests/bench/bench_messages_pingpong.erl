%% Two processes that answer each other.
-module(bench_messages_pingpong).
-export([run/1]).

run(N) ->
    Me = self(), P = spawn_link(fun() -> pong(Me) end), R = ping(P, N * 10, 0), unlink(P),
    exit(P, kill), R.
ping(_, 0, S) -> S;
ping(P, N, S) -> P ! {ping, N}, receive {pong, M} -> ping(P, N - 1, (S + M) band 16#ffff) end.
pong(Me) -> receive {ping, N} -> Me ! {pong, N}, pong(Me) end.
