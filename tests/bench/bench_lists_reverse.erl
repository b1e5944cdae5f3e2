%% Naive reverse with ++ written out: list building and deep recursion.
-module(bench_lists_reverse).
-export([run/1]).

run(N) -> L = lists:seq(1, 100), repeat(N, L).
repeat(0, L) -> hd(L);
repeat(N, L) -> repeat(N - 1, rev(L)).
rev([]) -> [];
rev([H | T]) -> app(rev(T), [H]).
app([H | T], L) -> [H | app(T, L)];
app([], L) -> L.
