%% try inside try inside after: the order in which bodies, handlers and after parts run.
-module(exc_nested).
-export([run/0]).
-include("diff.hrl").

run() ->
    put(log, []),
    R = [?TRY(nest(K)) || K <- [none, t1, t2, t3, e1, e2, of1, h1, a1, a2]],
    [R, get(log)].
l(X) -> put(log, [X | get(log)]), X.
nest(K) ->
    l({start, K}),
    try
        l(body1), maybe_throw(K, t1),
        try l(body2), maybe_throw(K, t2), maybe_error(K, e1), l(done2) of
            done2 -> l(of2), maybe_throw(K, of1), inner
        catch
            throw:t2 -> l(h2), maybe_throw(K, h1), handled2;
            error:e1 -> l(he), error(again)
        after
            l(after2), maybe_throw(K, a1)
        end
    of
        V -> l(of1), maybe_throw(K, t3), maybe_error(K, e2), {v, V}
    catch
        throw:X -> l(h1), {thrown, X};
        error:Y -> l(h1e), {err, Y}
    after
        l(after1), maybe_throw(K, a2)
    end.
maybe_throw(K, K) -> throw(K);
maybe_throw(h1, h1) -> throw(h1);
maybe_throw(_, _) -> ok.
maybe_error(K, K) -> error(K);
maybe_error(_, _) -> ok.
