%% Calls by value: Mod:Fun(Args), apply/2, apply/3, with every number of arguments, in every position.
-module(apply_forms).
-export([run/0]).
-include("diff.hrl").

-export([f/0, f/1, f/2, f/3, f/4, f/5, f/10, tail/3]).
f() -> {}.
f(A) -> {A}.
f(A, B) -> {A, B}.
f(A, B, C) -> {A, B, C}.
f(A, B, C, D) -> {A, B, C, D}.
f(A, B, C, D, E) -> {A, B, C, D, E}.
f(A, B, C, D, E, F, G, H, I, J) -> {A, B, C, D, E, F, G, H, I, J}.
tail(M, F, A) -> apply(M, F, A).
run() ->
    M = ?ID(?MODULE), F = ?ID(f),
    [M:F(), M:F(1), M:F(1, 2), M:F(1, 2, 3), M:F(1, 2, 3, 4), M:F(1, 2, 3, 4, 5),
        M:F(1, 2, 3, 4, 5, 6, 7, 8, 9, 10), apply(M, F, ?ID([])), apply(M, F, ?ID([a])),
        apply(M, F, ?ID([a, b, c, d, e, f, g, h, i, j])), apply(?ID(fun f/2), [x, y]),
        apply(?ID(fun ?MODULE:f/1), [z]), tail(M, F, [1]), tail(erlang, abs, [-5]),
        tail(M, tail, [M, tail, [M, f, [deep]]]), tail(erlang, apply, [M, f, [via]]),
        tail(lists, reverse, [[1, 2], []]), {M:F(1), [M:F(2)]}, (?ID(erlang)):(?ID('+'))(1, 2),
        apply(erlang, '-', [1]), apply(?ID(erlang), ?ID(apply), [erlang, length, [[1, 2]]])]
     ++ [?TRACE(G()) || G <- [fun() -> M:nof(1) end, fun() -> apply(M, nof, [1, 2]) end,
         fun() -> tail(no_m, F, []) end, fun() -> apply(M, F, ?ID([1 | 2])) end,
         fun() -> apply(M, F, ?ID(x)) end, fun() -> apply(?ID("m"), F, []) end,
         fun() -> apply(M, ?ID(1), []) end, fun() -> M:(?ID({}))() end,
         fun() -> apply(M, F, lists:reverse(diff_runner:seq(1, 255), [])) end,
         fun() -> (?ID({M, x})):F(1) end, fun() -> apply(?ID({M, F}), [1]) end,
         fun() -> tail(erlang, hd, [[]]) end, fun() -> tail(erlang, '+', [a, 1]) end]]
     ++ [?TRY(apply(M, F, diff_runner:seq(1, 256)))].
