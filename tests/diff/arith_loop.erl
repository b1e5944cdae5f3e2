%% Loops that carry integers over the small limit and back.
-module(arith_loop).
-export([run/0]).
-include("diff.hrl").

run() ->
    [fact(30), fib(90), fib(120), sum(100000, 0), pow(3, 200), updown(1 bsl 58, 10),
        gcd(1 bsl 90, 6 * (1 bsl 70)), collatz(27, 0), isqrt(pow(10, 40))].
fact(0) -> 1;
fact(N) -> N * fact(N - 1).
fib(N) -> fib(N, 0, 1).
fib(0, A, _) -> A;
fib(N, A, B) -> fib(N - 1, B, A + B).
sum(0, S) -> S;
sum(N, S) -> sum(N - 1, S + N).
pow(_, 0) -> 1;
pow(B, N) -> B * pow(B, N - 1).
updown(_, 0) -> [];
updown(N, K) -> M = N * 2, [M, M div 4 | updown(M - N + 1, K - 1)].
gcd(A, 0) -> A;
gcd(A, B) -> gcd(B, A rem B).
collatz(1, N) -> N;
collatz(X, N) when X band 1 =:= 0 -> collatz(X bsr 1, N + 1);
collatz(X, N) -> collatz(3 * X + 1, N + 1).
isqrt(N) -> isqrt(N, N).
isqrt(N, X) -> Y = (X + N div X) div 2, if Y < X -> isqrt(N, Y); true -> X end.
