%% match_spec_test: what set_seq_token would be about, and the token of the caller.
-module(trace_token).
-export([run/0]).
-include("diff.hrl").

run() ->
    A = all(), seq_trace(), [A, all()].
seq_trace() -> erlang:seq_trace(label, 17), erlang:seq_trace(send, true).
all() ->
    [{K, spec({set_seq_token, K, true})} || K <- [label, send, 'receive', print, timestamp, strict_monotonic_timestamp, no_item, 5]]
        ++ [spec({is_seq_trace}), is_tuple(element(2, spec({get_seq_token})))].
spec(A) -> erlang:match_spec_test([], [{'_', [], [{message, A}]}], trace).
