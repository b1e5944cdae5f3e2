%% Environments: many captured variables, captured funs, binaries being matched, big values; equality by environment.
-module(fun_env).
-export([run/0]).
-include("diff.hrl").

run() ->
    A = 1, B = 2.0, C = <<"bin">>, D = {t}, E = [l], F = #{m => 1}, G = fun() -> A end,
    H = 1 bsl 90, I = self(), J = make_ref(), <<K:4, L/bits>> = ?ID(<<16#ab, 1, 2>>),
    Fn = fun() -> {A, B, C, D, E, F, G(), H, I =:= self(), is_reference(J), K, L} end,
    erlang:garbage_collect(), P = spawn_monitor(fun() -> exit(setelement(9, Fn(), x)) end),
    Mk = fun(X) -> fun(Y) -> {X, Y} end end,
    [Fn(), diff_runner:wait_down(P), (Mk(1))(2), Mk(a) =:= Mk(a), Mk(a) =:= Mk(b), Mk(1) == Mk(1.0),
        Mk(1) =:= Mk(1.0), Mk(a) < Mk(b), lists:member(Mk(q), [Mk(p), Mk(q)]),
        #{Mk(x) => 1} =:= #{Mk(x) => 1}, length(element(2, erlang:fun_info(Fn, env))),
        [X() || X <- mk(3)], deep(1000)].
mk(0) -> [];
mk(N) -> M = N * 2, [fun() -> {N, M} end | mk(N - 1)].
deep(N) -> F = build(N, fun(X) -> X end), F(0).
build(0, F) -> F;
build(N, F) -> build(N - 1, fun(X) -> F(X + 1) end).
