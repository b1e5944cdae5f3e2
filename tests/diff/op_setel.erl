%% Chains of setelement that become destructive updates, and ones that must not.
-module(op_setel).
-export([run/0]).
-include("diff.hrl").

run() -> T = ?ID({1, 2, 3, 4, 5, 6}), [a(T, x), b(T), c(T, 3), ?TRY(a({1, 2, 3}, q)), T, d(T)].
a(T, X) -> T1 = setelement(6, T, X), T2 = setelement(4, T1, {X}), setelement(1, T2, [X]).
b(T) -> T1 = setelement(5, T, a), T2 = setelement(2, T1, b), {T1, T2}.
c(T, N) -> T1 = setelement(N, T, n), setelement(1, T1, m).
d(T) ->
    T1 = setelement(6, T, ?ID(z)), F = ?ID(hello), T2 = setelement(3, T1, F),
    setelement(2, T2, <<1>>).
