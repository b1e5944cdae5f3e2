%% Closures: what they capture, how they nest, recursion through names, arity errors.
-module(fun_basic).
-export([run/0]).
-include("diff.hrl").

run() ->
    A = 1, B = {x, y}, F = fun(X) -> {A, B, X} end, G = fun(X, Y) -> F({X, Y}) end,
    Fact = fun Fc(0) -> 1; Fc(N) -> N * Fc(N - 1) end,
    Many = (fun(P, Q, R, S, T, U, V, W) -> fun(Z) -> [P, Q, R, S, T, U, V, W, Z] end end)(1, 2, 3,
        4, 5, 6, 7, 8),
    [F(1), G(1, 2), Fact(20), Many(9), (fun() -> 1 end)(),
        comp([fun(X) -> X + 1 end, fun(X) -> X * 2 end, fun(X) -> {X} end], 5),
        count(5, fun() -> ok end), apply(F, [z]), apply(fun comp/2, [[], q]),
        (curry(fun(X, Y, Z) -> X + Y * Z end))(1), [H(2)
        || H <- [fun(X) when X > 3 -> big; (X) when X > 1 -> mid; (_) -> small end]],
        ((((curry(fun(X, Y, Z) -> X + Y * Z end))(1))(2))(3)),
     is_function(F), is_function(F, 1), is_function(F, 2), is_function(?ID(a)),
     is_function(F, ?ID(1)), ?TRY(is_function(F, ?ID(-1))), ?TRY(is_function(F, ?ID(a))),
     ?TRY(is_function(?ID(a), ?ID(1 bsl 70))), F =:= F, (fun(X) -> X end) =:= (fun(X) -> X end),
     mk(1) == mk(1), mk(1) =:= mk(2), mk(1) < mk(2)].
comp([], X) -> X;
comp([F | Fs], X) -> comp(Fs, F(X)).
count(0, _) -> [];
count(N, F) -> [F() | count(N - 1, fun() -> {N, F()} end)].
curry(F) -> fun(X) -> fun(Y) -> fun(Z) -> F(X, Y, Z) end end end.
mk(X) -> fun() -> X end.
