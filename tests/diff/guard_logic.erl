%% Boolean combinations in guards: comma, semicolon, and, andalso, or, orelse, xor, not, with failing parts.
-module(guard_logic).
-export([run/0]).
-include("diff.hrl").

run() ->
    Vs = [true, false, a, 1, [], {x}, 5.0],
    [{A, B, [f(N, A, B) || N <- diff_runner:seq(1, 14)]} || A <- Vs, B <- Vs].
f(1, A, B) when A, B -> y;
f(2, A, B) when A; B -> y;
f(3, A, B) when A and B -> y;
f(4, A, B) when A or B -> y;
f(5, A, B) when A andalso B -> y;
f(6, A, B) when A orelse B -> y;
f(7, A, B) when A xor B -> y;
f(8, A, B) when not A, not B -> y;
f(9, A, B) when hd(A) =:= 1; B -> y;
f(10, A, B) when hd(A) =:= 1 orelse B -> y;
f(11, A, B) when A =:= B orelse (A andalso hd(B) =:= 1) -> y;
f(12, A, B) when A < B, is_integer(A); is_tuple(B), element(1, B) =:= x -> y;
f(13, A, B) when (A == true) or (B == true) -> y;
f(14, A, B) when is_number(A) andalso A > 2 orelse is_atom(B) andalso B -> y;
f(_, _, _) -> n.
