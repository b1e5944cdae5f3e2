%% Primes three ways: trial division, a sieve over lists, a sieve over a bit string.
-module(prog_sieve).
-export([run/0]).
-include("diff.hrl").

run() ->
    A = trial(2, 500), B = sieve(diff_runner:seq(2, 500)), C = bits(500),
    [A =:= B, B =:= C, A, length([P || P <- A, lists:member(P + 2, A)])].
trial(N, M) when N > M -> [];
trial(N, M) -> case prime(N, 2) of true -> [N | trial(N + 1, M)]; false -> trial(N + 1, M) end.
prime(N, D) when D * D > N -> true;
prime(N, D) when N rem D =:= 0 -> false;
prime(N, D) -> prime(N, D + 1).
sieve([P | T]) -> [P | sieve([X || X <- T, X rem P =/= 0])];
sieve([]) -> [].
bits(M) -> b(2, M, << <<1:1>> || _ <- diff_runner:seq(0, M) >>).
b(N, M, B) when N * N > M -> [I || I <- diff_runner:seq(2, M), bit(I, B) =:= 1];
b(N, M, B) ->
    case bit(N, B) of 1 -> b(N + 1, M, << <<(case I > N andalso I rem N =:= 0 of true -> 0;
        false -> X end):1>> || {I, X} <- index(B, 0) >>); 0 -> b(N + 1, M, B) end.
bit(I, B) -> <<_:I, X:1, _/bits>> = B, X.
index(<<X:1, R/bits>>, I) -> [{I, X} | index(R, I + 1)];
index(<<>>, _) -> [].
