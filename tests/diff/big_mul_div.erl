%% Products and quotients of integers up to ten thousand bits, checked by identities and digests.
-module(big_mul_div).
-export([run/0]).
-include("diff.hrl").

run() ->
    Vs = [gen(Bits, Seed) || Bits <- [64, 65, 127, 128, 500, 1000, 3000, 5000], Seed <- [1, 7]],
    [check(A, B) || A <- Vs, B <- Vs].
gen(Bits, Seed) -> gen(Bits, Seed, 1).
gen(Bits, _, Acc) when Acc >= 1 bsl (Bits - 1) -> Acc;
gen(Bits, S, Acc) ->
    S1 = (S * 1103515245 + 12345) band 16#7fffffff, gen(Bits, S1,
        (Acc bsl 16) bor (S1 bsr 8 band 16#ffff)).
check(A, B) ->
    P = A * B,
    {erlang:phash2(P), P div A =:= B, P rem B, (P + 1) rem B, erlang:phash2((P * P) div (A + 1)),
        (A div B) * B + A rem B =:= A,
     (-A div B) * B + (-A rem B) =:= -A, (A - B) + B =:= A, P > A, -P < -A}.
