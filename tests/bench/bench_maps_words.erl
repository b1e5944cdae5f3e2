%% Words counted with binaries as keys.
-module(bench_maps_words).
-export([run/1]).

run(N) ->
    Ws = [list_to_binary(["word", integer_to_list((I * I) rem 331)]) || I <- lists:seq(1, 2000)],
    repeat(N, Ws, 0).
repeat(0, _, S) -> S;
repeat(N, Ws, S) ->
    M = lists:foldl(fun(W, A) -> maps:update_with(W, fun(C) -> C + 1 end, 1, A) end, #{}, Ws),
    repeat(N - 1, Ws, S + map_size(M)).
