%% Property lists and key lists: keyfind, keystore, keytake, proplists.
-module(bench_lists_keys).
-export([run/1]).

run(N) ->
    L = [{list_to_atom("key" ++ integer_to_list(I)), I} || I <- lists:seq(1, 50)],
    repeat(N * 10, L, [K || {K, _} <- L], 0).
repeat(0, _, _, S) -> S;
repeat(N, L, Ks, S) ->
    {_, A} = lists:keyfind(key40, 1, L), L1 = lists:keystore(key10, 1, L, {key10, N}),
    {value, {_, B}, _} = lists:keytake(key10, 1, L1), C = proplists:get_value(key30, L1),
    D = case lists:member(key50, Ks) of true -> 1; false -> 0 end,
    repeat(N - 1, L, Ks, (S + A + B + C + D) band 16#ffffff).
