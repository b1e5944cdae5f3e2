%% A token around a ring of processes.
-module(bench_messages_ring).
-export([run/1]).

run(N) ->
    Me = self(), First = ring(100, Me), First ! {token, N * 10}, receive done -> ok end,
    exit(First, shutdown), N.
ring(Size, Me) ->
    spawn(fun() -> First = self(), Next = build(Size - 1, First, Me), node_(Next, Me) end).
build(0, First, _) -> First;
build(N, First, Me) -> Next = build(N - 1, First, Me), spawn_link(fun() -> node_(Next, Me) end).
node_(Next, Me) ->
    receive {token, 0} -> Me ! done, node_(Next, Me); {token, K} -> Next ! {token, K - 1},
    node_(Next, Me) end.
