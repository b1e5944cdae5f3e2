%% Body recursion to a million frames, and stacks that shrink again.
-module(rec_deep).
-export([run/0]).
-include("diff.hrl").

run() ->
    [sum(1000000), len(build(300000)), mutual_a(200000), ack(2, 300), ?TRY(deep_try(20000)),
        map_deep(100000), twice(50000)].
sum(0) -> 0;
sum(N) -> N + sum(N - 1).
build(0) -> [];
build(N) -> [N | build(N - 1)].
len([]) -> 0;
len([_ | T]) -> 1 + len(T).
mutual_a(0) -> done_a;
mutual_a(N) -> case mutual_b(N - 1) of X -> X end.
mutual_b(0) -> done_b;
mutual_b(N) -> X = mutual_a(N - 1), erlang:yield(), X.
ack(0, N) -> N + 1;
ack(M, 0) -> ack(M - 1, 1);
ack(M, N) -> ack(M - 1, ack(M, N - 1)).
deep_try(0) -> throw(bottom);
deep_try(N) ->
    try deep_try(N - 1) catch throw:X when N rem 5000 =:= 0 -> throw({N, X});
        throw:X -> throw(X) end.
map_deep(0) -> #{};
map_deep(N) ->
    M = map_deep(N - 1), case map_size(M) of S when S > 20 -> #{n => N}; S -> M#{S => N} end.
twice(N) -> {sum(N), sum(N div 2), sum(N)}.
