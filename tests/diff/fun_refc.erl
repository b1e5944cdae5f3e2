%% fun_info(F, refc): the module and every fun there is, on heaps, in tables, in messages, dead or not.
-module(fun_refc).
-export([run/0, make/1]).
-include("diff.hrl").

run() ->
    [in_process(fun heap/0), in_process(fun table/0), in_process(fun message/0)].

in_process(F) -> diff_runner:in_process(F).
make(N) -> fun(X) -> X + N end.
refc(F) -> {refc, N} = erlang:fun_info(F, refc), N.

heap() ->
    A = make(?ID(2)), N1 = refc(A), B = make(?ID(42)), N2 = refc(A),
    N3 = diff_runner:in_process(fun() -> refc(A) end),
    A(5), erlang:garbage_collect(), [N1, N2, N3, refc(B)].

table() ->
    F = make(?ID(7)), [refc(F) | [table(F, T) || T <- [set, ordered_set, bag, duplicate_bag]]].
table(F, Type) ->
    T = ets:new(t, [Type]), ets:insert(T, {a, F}), N1 = refc(F), [{a, G}] = ets:lookup(T, a),
    N2 = refc(F), ets:insert(T, {a, other}), N3 = refc(F), ets:insert(T, {b, F}), N4 = refc(F),
    ets:delete(T, b), N5 = refc(F), G(1), ets:delete(T), erlang:garbage_collect(), {N1, N2, N3, N4, N5, refc(F)}.

message() ->
    F = make(?ID(9)), P = spawn_link(fun() -> receive stop -> ok end end),
    P ! {x, F}, P ! {y, F}, {status, _} = process_info(P, status), N = refc(F), M = monitor(process, P), P ! stop,
    receive {'DOWN', M, _, _, _} -> ok end, [N, gone(F, 100)].
gone(F, 0) -> refc(F);
gone(F, N) -> case refc(F) of 2 -> 2; _ -> receive after 5 -> gone(F, N - 1) end end.
