%% Comprehensions with two generators and filters: Pythagorean triples.
-module(bench_lists_comprehension).
-export([run/1]).

run(N) -> repeat(N, 0).
repeat(0, S) -> S;
repeat(N, S) ->
    repeat(N - 1, S + length([{A, B, C} || A <- lists:seq(1, 30), B <- lists:seq(A, 30),
        C <- lists:seq(B, 42), A * A + B * B =:= C * C])).
