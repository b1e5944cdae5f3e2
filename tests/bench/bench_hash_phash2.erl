%% phash2 of small and medium terms.
-module(bench_hash_phash2).
-export([run/1]).

run(N) ->
    Ts = [12345, abc, "a string", <<"a binary of some length, longer than a word">>,
        {a, [1, 2, {3}], #{k => v}}, 1 bsl 80, 1.5, [{I, x} || I <- lists:seq(1, 30)]],
        repeat(N * 5, Ts, 0).
repeat(0, _, S) -> S;
repeat(N, Ts, S) ->
    repeat(N - 1, Ts, lists:foldl(fun(T, A) -> (A + erlang:phash2(T)) band 16#ffffff end, S, Ts)).
