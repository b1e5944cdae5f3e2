%% An ordered table: insert, look up, step through in order.
-module(bench_ets_ordered).
-export([run/1]).

run(N) -> repeat(N, 0).
repeat(0, S) -> S;
repeat(N, S) ->
    T = ets:new(t, [ordered_set]), [ets:insert(T, {(I * 7919) rem 1009, I})
        || I <- lists:seq(1, 300)], X = walk(T, ets:first(T), 0),
        Y = lists:sum([V || I <- lists:seq(1, 300), {_, V} <- ets:lookup(T, I)]), ets:delete(T),
        repeat(N - 1, (S + X + Y) band 16#ffffff).
walk(_, '$end_of_table', S) -> S;
walk(T, K, S) -> walk(T, ets:next(T, K), S + K).
