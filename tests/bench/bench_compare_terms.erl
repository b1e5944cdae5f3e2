%% Equality and order of deep terms that differ late or not at all.
-module(bench_compare_terms).
-export([run/1]).

run(N) ->
    A = [{I, "text", #{k => [I]}, <<I:64>>} || I <- lists:seq(1, 100)],
    B = binary_to_term(term_to_binary(A)), C = lists:droplast(B)
        ++ [{100, "text", #{k => [101]}, <<0:64>>}], repeat(N, A, B, C, 0).
repeat(0, _, _, _, S) -> S;
repeat(N, A, B, C, S) ->
    X = case A =:= B of true -> 1; false -> 0 end, Y = case A < C of true -> 2; false -> 0 end,
    Z = case B == C of true -> 0; false -> 4 end, repeat(N - 1, A, B, C,
        (S + X + Y + Z) band 16#ffffff).
