%% Exact fractions: a linear system solved by elimination, harmonic numbers, continued fractions.
-module(prog_rational).
-export([run/0]).
-include("diff.hrl").

run() ->
    [solve([[{2, 1}, {1, 1}, {-1, 1}, {8, 1}], [{-3, 1}, {-1, 1}, {2, 1}, {-11, 1}],
        [{-2, 1}, {1, 1}, {2, 1}, {-3, 1}]]), harm(50),
        det([[{I + J, I * J + 1} || J <- diff_runner:seq(1, 5)] || I <- diff_runner:seq(1, 5)]),
        cf({415, 93}), uncf([3, 7, 15, 1, 292]), hilbert(6)].
norm({_, 0}) -> error(zero_denominator);
norm({A, B}) when B < 0 -> norm({-A, -B});
norm({A, B}) -> G = gcd(abs(A), B), {A div G, B div G}.
gcd(A, 0) -> A;
gcd(A, B) -> gcd(B, A rem B).
add({A, B}, {C, D}) -> norm({A * D + C * B, B * D}).
mul({A, B}, {C, D}) -> norm({A * C, B * D}).
neg({A, B}) -> {-A, B}.
inv({A, B}) -> norm({B, A}).
solve(M) -> [lists_last(R) || R <- elim(M, [])].
elim([], Done) -> lists:reverse(Done, []);
elim(Rows, Done) ->
    K = length(Done) + 1, {P, Rest} = pivot(K, Rows, []), Pv = inv(nth(K, P)),
    N = [mul(X, Pv) || X <- P], F = fun(R) -> C = neg(nth(K, R)),
    [add(X, mul(C, Y)) || {X, Y} <- zip(R, N)] end, elim([F(R) || R <- Rest],
        [N | [F(R) || R <- Done]]) .
pivot(K, [R | Rs], A) ->
    case nth(K, R) of {0, _} -> pivot(K, Rs, [R | A]); _ -> {R, lists:reverse(A, Rs)} end.
nth(1, [H | _]) -> H;
nth(N, [_ | T]) -> nth(N - 1, T).
zip([A | As], [B | Bs]) -> [{A, B} | zip(As, Bs)];
zip([], []) -> [].
lists_last([X]) -> X;
lists_last([_ | T]) -> lists_last(T).
harm(0) -> {0, 1};
harm(N) -> add(harm(N - 1), {1, N}).
det([[X]]) -> norm(X);
det([R | Rs]) ->
    sum([mul(S, mul(norm(X), det([drop(I, Y) || Y <- Rs]))) || {I, X} <- idx(R, 1),
        S <- [{1 - 2 * ((I - 1) rem 2), 1}]]).
drop(1, [_ | T]) -> T;
drop(N, [H | T]) -> [H | drop(N - 1, T)].
idx([H | T], I) -> [{I, H} | idx(T, I + 1)];
idx([], _) -> [].
sum([H | T]) -> add(H, sum(T));
sum([]) -> {0, 1}.
cf({A, B}) when A rem B =:= 0 -> [A div B];
cf({A, B}) -> Q = A div B, [Q | cf({B, A - Q * B})].
uncf([X]) -> {X, 1};
uncf([X | T]) -> add({X, 1}, inv(uncf(T))).
hilbert(N) -> det([[{1, I + J - 1} || J <- diff_runner:seq(1, N)] || I <- diff_runner:seq(1, N)]).
