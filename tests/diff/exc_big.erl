%% Exceptions whose reason and arguments are large terms, and long chains of rethrow.
-module(exc_big).
-export([run/0]).
-include("diff.hrl").

run() ->
    L = diff_runner:seq(1, 5000), [phash(?TRACE(error({big, L}))), phash(?TRACE(fc(L, [x | L]))),
        chain(200), phash(?TRACE(lists:nonexistent(L))),
        ?TRY(exit(list_to_binary([X band 255 || X <- diff_runner:seq(1, 100)])))].
phash({C, R, S}) ->
    {C, erlang:phash2(R), [{M, F, if is_list(A) -> length(A); true -> A end} || {M, F, A, _} <- S]}.
fc(a, b) -> c.
chain(0) -> throw(end_);
chain(N) ->
    try chain(N - 1) catch throw:X when N rem 50 =:= 0 -> {N, X};
        C:R:S -> erlang:raise(C, R, S) end.
