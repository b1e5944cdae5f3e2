%% Match specifications over a few thousand objects.
-module(bench_ets_match).
-export([run/1]).

run(N) ->
    T = ets:new(t, [set]), ets:insert(T, [{I, I rem 10, {x, I * 2}} || I <- lists:seq(1, 1000)]),
    R = loop(N, T, 0), ets:delete(T), R.
loop(0, _, S) -> S;
loop(N, T, S) ->
    L = ets:select(T, [{{'$1', 3, {x, '$2'}}, [{'>', '$1', 500}], [{{'$1', '$2'}}]}]),
    M = ets:match(T, {'$1', 7, '_'}), C = ets:select_count(T,
        [{{'_', '$1', '_'}, [{'<', '$1', 5}], [true]}]),
        loop(N - 1, T, S + length(L) + length(M) + C).
