%% Numbers to text and back: integers and floats.
-module(bench_print_numbers).
-export([run/1]).

run(N) -> repeat(N * 5, 0).
repeat(0, S) -> S;
repeat(N, S) ->
    F = N * 0.37, A = float_to_list(F, [short]), B = float_to_binary(F, [{decimals, 4}]),
    C = integer_to_list(N * 1000003), D = integer_to_binary(N, 16),
    E = list_to_integer(C) + binary_to_integer(D, 16), G = list_to_float(A),
    repeat(N - 1, (S + length(A) + byte_size(B) + E + trunc(G)) band 16#ffffff).
