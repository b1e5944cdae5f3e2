%% Sequences of setelement on one tuple, which compilers turn into destructive updates.
-module(tuple_update).
-export([run/0]).
-include("diff.hrl").

-record(r, {a = 1, b = 2, c = 3, d, e}).
run() ->
    T = diff_runner:id({1, 2, 3, 4, 5}),
    U = setelement(5, setelement(3, setelement(1, T, a), c), e),
    R = #r{}, R1 = R#r{a = x, c = y}, R2 = R1#r{e = R, b = R1}, R3 = r3(R2),
    [T, U, R, R1, R2, R3, R3#r.e, ?TRACE((?ID({r, 1}))#r.a), ?TRACE((?ID(not_r))#r{b = 1}),
        ?TRACE((?ID({q, 1, 2, 3, 4, 5}))#r{a = 1}), is_record(R3, r), is_record(?ID({r, 1}), r),
        is_record(?ID({r}), r, 1), ?TRY(is_record(?ID({r, 1, 2}), ?ID(r), ?ID(3))),
        ?TRY(is_record(?ID({r}), ?ID("r"), 1)), loop(T, 5), T].
r3(R = #r{a = A, e = #r{d = undefined}}) -> R#r{d = A}.
loop(T, 0) -> T;
loop(T, N) -> loop(setelement(N, T, {N, element(N, T)}), N - 1).
