%% Number theory over big integers: gcd, modular inverse, primality, square roots.
-module(big_alg).
-export([run/0]).
-include("diff.hrl").

run() ->
    P = (1 bsl 127) - 1, Q = (1 bsl 89) - 1, [gcd(P * 12, Q * 18), inv(12345, P),
        inv(12345, P) * 12345 rem P, [mr(N) || N <- [P, Q, P * Q, (1 bsl 61) - 1, (1 bsl 67) - 1]],
        pow(3, P - 1, P), isqrt(P * Q), isqrt(1 bsl 400), fibm(1000, P),
        crt([{2, 3}, {3, 5}, {2, 7}, {10, P}])].
gcd(A, 0) -> abs(A);
gcd(A, B) -> gcd(B, A rem B).
inv(A, M) -> {1, X, _} = eg(A, M), ((X rem M) + M) rem M.
eg(A, 0) -> {A, 1, 0};
eg(A, B) -> {G, X, Y} = eg(B, A rem B), {G, Y, X - (A div B) * Y}.
pow(_, 0, _) -> 1;
pow(B, E, M) when E band 1 =:= 0 -> X = pow(B, E bsr 1, M), X * X rem M;
pow(B, E, M) -> B * pow(B, E - 1, M) rem M.
mr(N) -> {S, D} = tw(N - 1, 0), lists_all([w(A, S, D, N) || A <- [2, 3, 5, 7, 11, 13]]).
tw(N, S) when N band 1 =:= 1 -> {S, N};
tw(N, S) -> tw(N bsr 1, S + 1).
w(A, S, D, N) -> X = pow(A, D, N), X =:= 1 orelse sq(X, S, N).
sq(_, 0, _) -> false;
sq(X, S, N) -> X =:= N - 1 orelse sq(X * X rem N, S - 1, N).
lists_all([true | T]) -> lists_all(T);
lists_all([]) -> true;
lists_all(_) -> false.
isqrt(N) -> isqrt(N, 1 bsl (bits(N, 0) div 2 + 1)).
isqrt(N, X) -> case (X + N div X) bsr 1 of Y when Y < X -> isqrt(N, Y); _ -> X end.
bits(0, B) -> B;
bits(N, B) -> bits(N bsr 1, B + 1).
fibm(N, M) -> fibm(N, 0, 1, M).
fibm(0, A, _, _) -> A;
fibm(N, A, B, M) -> fibm(N - 1, B, (A + B) rem M, M).
crt(L) -> M = prod([N || {_, N} <- L]), sum([A * (M div N) * inv(M div N, N) || {A, N} <- L]) rem M.
prod([H | T]) -> H * prod(T);
prod([]) -> 1.
sum([H | T]) -> H + sum(T);
sum([]) -> 0.
