%% binary_to_term of a mixed term.
-module(bench_external_decode).
-export([run/1]).

run(N) ->
    B = term_to_binary([{I, atom_name, "string", <<"binary">>, 1.5, [I, {I}], #{key => I}, 1 bsl 70}
        || I <- lists:seq(1, 60)]), repeat(N, B, 0).
repeat(0, _, S) -> S;
repeat(N, B, S) -> repeat(N - 1, B, S + length(binary_to_term(B))).
