%% Ten thousand bits: factorials, powers and printing of the whole number.
-module(big_huge).
-export([run/0]).
-include("diff.hrl").

run() ->
    F = fact(1000, 1),
    [F, length(integer_to_list(F)), erlang:phash2(F), F rem 1000003, F div fact(998, 1),
        (1 bsl 10000) - 1, integer_to_list(1 bsl 2000, 36), -(1 bsl 4000) div (1 bsl 3990)].
fact(0, A) -> A;
fact(N, A) -> fact(N - 1, A * N).
