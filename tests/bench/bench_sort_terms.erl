%% Sorting tuples, strings and binaries, by key and by a comparison function.
-module(bench_sort_terms).
-export([run/1]).

run(N) ->
    L = [{(I * 7919) rem 1009, integer_to_list((I * 31) rem 97), <<((I * 17) rem 251)>>}
        || I <- lists:seq(1, 500)], repeat(N, L, 0).
repeat(0, _, S) -> S;
repeat(N, L, S) ->
    [{A, _, _} | _] = lists:sort(L), [{B, _, _} | _] = lists:keysort(2, L),
    [{C, _, _} | _] = lists:sort(fun({_, _, X}, {_, _, Y}) -> X =< Y end, L),
    repeat(N - 1, L, (S + A + B + C) band 16#ffffff).
