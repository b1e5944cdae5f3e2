%% Nested lists compared, measured and flattened by hand, to a depth that would end a C stack.
-module(list_deep).
-export([run/0]).
-include("diff.hrl").

run() ->
    A = nest(200000, []), B = nest(200000, []), C = nest(200000, [x]),
    W = wide(5), 
    [A =:= B, A == C, A < C, C < A, depth(A, 0), erlang:phash2(A),
        erlang:phash2(A) =:= erlang:phash2(B), flat(W), length(flat(W)), size(term_to_binary(A))].
nest(0, A) -> A;
nest(N, A) -> nest(N - 1, [A]).
depth([X], N) -> depth(X, N + 1);
depth(_, N) -> N.
wide(0) -> leaf;
wide(N) -> [wide(N - 1), N, [wide(N - 1)]].
flat([H | T]) -> flat(H) ++ flat(T);
flat([]) -> [];
flat(X) -> [X].
