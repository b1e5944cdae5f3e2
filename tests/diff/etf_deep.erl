%% Deep and wide terms through the external format: no limit but memory.
-module(etf_deep).
-export([run/0]).
-include("diff.hrl").

run() ->
    L = nest(100000, x), T = tnest(50000, y), W = [{I, integer_to_list(I), I * 1.5}
        || I <- diff_runner:seq(1, 3000)],
    [byte_size(term_to_binary(X)) || X <- [L, T, W]] ++ [binary_to_term(term_to_binary(X)) =:= X
        || X <- [L, T, W, {L, T, W}]] ++ [erlang:phash2(term_to_binary(W)),
        erlang:external_size(W) >= byte_size(term_to_binary(W))].
nest(0, A) -> A;
nest(N, A) -> nest(N - 1, [A]).
tnest(0, A) -> A;
tnest(N, A) -> tnest(N - 1, {N, A}).
