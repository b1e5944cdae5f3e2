%% term_to_binary of a mixed term.
-module(bench_external_encode).
-export([run/1]).

run(N) ->
    T = [{I, atom_name, "string", <<"binary">>, 1.5, [I, {I}], #{key => I}, 1 bsl 70}
        || I <- lists:seq(1, 60)], repeat(N, T, 0).
repeat(0, _, S) -> S;
repeat(N, T, S) -> repeat(N - 1, T, (S + byte_size(term_to_binary(T))) band 16#ffffff).
