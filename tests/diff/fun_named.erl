%% Named funs, shadowing, mutual recursion through maps of funs, funs as keys.
-module(fun_named).
-export([run/0]).
-include("diff.hrl").

run() ->
    Fib = fun F(N) when N < 2 -> N; F(N) -> F(N - 1) + F(N - 2) end, Len = fun L([]) -> 0;
        L([_ | T]) -> 1 + L(T) end, M = #{even => fun(0, _) -> true;
            (N, Self) -> (map_get(odd, Self))(N - 1, Self) end, odd => fun(0, _) -> false;
            (N, Self) -> (map_get(even, Self))(N - 1, Self) end},
    X = 5, G = fun(X) -> X * 2 end, Ack = fun A(0, N) -> N + 1; A(K, 0) -> A(K - 1, 1);
        A(K, N) -> A(K - 1, A(K, N - 1)) end,
    [Fib(15), Len("abcdef"), (map_get(even, M))(101, M), G(X), X, Ack(2, 5),
        (fun Loop(0, S) -> S; Loop(N, S) -> Loop(N - 1, S + N) end)(1000, 0), ?TRACE(Fib(?ID(a))),
        #{Fib => 1, G => 2} =:= #{G => 2, Fib => 1}, is_function(Fib, 1)].
