%% diff: full
%% ordered_set keeps term order; first, last, next, prev with present, absent and mixed keys.
-module(ets_order).
-export([run/0]).
-include("diff.hrl").

run() ->
    E = ets:new(t, [ordered_set]), Ks = [3, 1, 2, 2.0, a, "x", {1}, <<"b">>, 1 bsl 70, -5, [], #{},
        1.5, b, {1, 2}, {2.0}],
    [ets:insert(E, {K, I}) || {I, K} <- lists:zip(lists:seq(1, length(Ks)), Ks)],
    [ets:tab2list(E), ets:first(E), ets:last(E), walk(E, ets:first(E)), back(E, ets:last(E)),
        [{K, ets:next(E, K), ets:prev(E, K)} || K <- [0, 2.5, zz, "y", -100, <<>>, 1.0]],
        ets:lookup(E, 2), ets:lookup(E, 2.0), ets:lookup(E, 1.0), ets:member(E, 3.0),
        ets:insert(E, {3.0, new}), ets:lookup(E, 3), ets:delete(E, 2), ets:next(E, 1.5)].
walk(_, '$end_of_table') -> [];
walk(E, K) -> [K | walk(E, ets:next(E, K))].
back(_, '$end_of_table') -> [];
back(E, K) -> [K | back(E, ets:prev(E, K))].
