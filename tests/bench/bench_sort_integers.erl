%% lists:sort of pseudo-random integers.
-module(bench_sort_integers).
-export([run/1]).

run(N) -> L = random(2000, 42, []), repeat(N, L, 0).
repeat(0, _, S) -> S;
repeat(N, L, S) ->
    repeat(N - 1, L, (S + hd(lists:sort(L)) + length(lists:usort(L))) band 16#ffffff).
random(0, _, L) -> L;
random(N, S, L) ->
    S1 = (S * 1103515245 + 12345) band 16#7fffffff, random(N - 1, S1, [S1 bsr 4 | L]).
