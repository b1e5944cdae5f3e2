%% SHA-256 in plain Erlang over binaries: 32-bit arithmetic and rotations.
-module(prog_sha).
-export([run/0]).
-include("diff.hrl").

run() ->
    [hex(sha(B)) || B <- [<<>>, <<"abc">>, <<"The quick brown fox jumps over the lazy dog">>,
        binary:copy(<<"a">>, 200)]].
sha(B) ->
    L = bit_size(B), P = (447 - L) band 511, H = blocks(<<B/bits, 1:1, 0:P, L:64>>,
        list_to_tuple([frac2(X) || X <- primes(8)])), << <<X:32>> || X <- tuple_to_list(H) >>.
primes(N) -> primes(2, N).
primes(_, 0) -> [];
primes(C, N) ->
    case [D || D <- diff_runner:seq(2, C - 1), C rem D =:= 0] of [] -> [C | primes(C + 1, N - 1)];
        _ -> primes(C + 1, N) end.
frac2(P) -> iroot(P bsl 64, 2) band 16#ffffffff.
frac3(P) -> iroot(P bsl 96, 3) band 16#ffffffff.
iroot(N, K) -> iroot(N, K, 0, 1 bsl 40).
iroot(_, _, L, H) when H - L =< 1 -> L;
iroot(N, K, L, H) ->
    M = (L + H) div 2, case pw(M, K) =< N of true -> iroot(N, K, M, H);
        false -> iroot(N, K, L, M) end.
pw(X, 2) -> X * X;
pw(X, 3) -> X * X * X.
blocks(<<>>, H) -> H;
blocks(<<B:64/binary, R/binary>>, H) ->
    W = sched([X || <<X:32>> <= B]), blocks(R, add(H, rounds(W, k(), H))).
k() -> case get(k) of undefined -> K = [frac3(P) || P <- primes(64)], put(k, K), K; K -> K end.
sched(L) -> sched(lists:reverse(L, []), 48).
sched(L, 0) -> lists:reverse(L, []);
sched([_, A, _, _, _, _, B, _, _, _, _, _, _, _, C, D | _] = L, N) ->
    X = (s(C, 7, 18, 3) + D + s(A, 17, 19, 10) + B) band 16#ffffffff, sched([X | L], N - 1).
s(X, A, B, C) -> rot(X, A) bxor rot(X, B) bxor (X bsr C).
rot(X, N) -> (X bsr N) bor ((X bsl (32 - N)) band 16#ffffffff).
rounds([], [], H) -> H;
rounds([W | Ws], [K | Ks], {A, B, C, D, E, F, G, H}) ->
    T1 = H + (rot(E, 6) bxor rot(E, 11) bxor rot(E,
        25)) + ((E band F) bxor ((bnot E) band G)) + K + W,
        T2 = (rot(A, 2) bxor rot(A, 13) bxor rot(A,
        22)) + ((A band B) bxor (A band C) bxor (B band C)),
    rounds(Ws, Ks, {(T1 + T2) band 16#ffffffff, A, B, C, (D + T1) band 16#ffffffff, E, F, G}).
add(A, B) ->
    list_to_tuple([(X + Y) band 16#ffffffff || {X, Y} <- zip(tuple_to_list(A), tuple_to_list(B))]).
zip([A | As], [B | Bs]) -> [{A, B} | zip(As, Bs)];
zip([], []) -> [].
hex(B) -> [case N < 10 of true -> $0 + N; false -> $a + N - 10 end || <<N:4>> <= B].
