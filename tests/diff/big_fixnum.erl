%% Where small integers end: both sides of 2^59, by every way to make such an integer.
-module(big_fixnum).
-export([run/0]).
-include("diff.hrl").

run() -> [limits(), [made(M) || M <- edges()], matched(), text(), floats(), hashes()].

edges() -> [S * ((1 bsl B) + D) || B <- [58, 59, 60, 61, 63, 64], D <- [-1, 0, 1], S <- [1, -1]].

limits() ->
    [{M, erts_internal:term_type(M), erts_debug:flat_size(M), erts_debug:size([M, M])} || M <- edges()].

made(M) ->
    Ways = [?ID(M - 1) + 1, ?ID(M + 1) - 1, ?ID(-M) * -1, ?ID(M * 7) div 7, ?ID(M) rem (M * 2), ?ID(M) bor 0,
            ?ID(M) band -1, ?ID(bnot M) bxor -1, (?ID(M) bsl 5) bsr 5, ?ID(abs(M)) * (M div abs(M)),
            binary_to_term(term_to_binary(M)), list_to_integer(integer_to_list(M)), erlang:'+'(?ID(M), 0),
            max(M, ?ID(0.5)), element(1, {?ID(M)})],
    [{W, erts_debug:flat_size(W), W =:= M, W == float(M)} || W <- Ways].

matched() ->
    [begin
         <<U:Bits, _/bits>> = Bin,
         <<S:Bits/signed, _/bits>> = Bin,
         <<L:Bits/signed-little, _/bits>> = Bin,
         {Bits, [{I, erts_debug:flat_size(I)} || I <- [U, S, L]]}
     end || Bits <- [58, 59, 60, 61, 62, 64], Bin <- [?ID(<<-1:72>>), ?ID(<<1:1, 0:71>>), ?ID(<<0:1, -1:71>>)]].

text() ->
    [{T, erts_debug:flat_size(list_to_integer(T)), erts_debug:flat_size(binary_to_integer(list_to_binary(T)))}
     || M <- edges(), T <- [integer_to_list(M)]].

%% Stock's trunc/1 makes a bignum of -2^59 that is not equal to the small; nobody relies on that.
floats() -> [{trunc(F), erts_debug:flat_size(trunc(F)), round(F) =:= trunc(F), F == trunc(F), F < (1 bsl 59)}
             || M <- edges(), F <- [?ID(float(M))], F /= -(1 bsl 59)].

hashes() -> [{erlang:phash2(M), erlang:phash(M, 1 bsl 32), erlang:adler32(term_to_binary(M))} || M <- edges()].
