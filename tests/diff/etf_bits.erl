%% Binaries and bit strings at any offset written as if they started at a byte.
-module(etf_bits).
-export([run/0]).
-include("diff.hrl").

run() ->
    Src = ?ID(<<16#0123456789abcdef:64>>), [begin <<_:O, X:N/bits, _/bits>> = Src,
        B = term_to_binary(X), {O, N, B, binary_to_term(B) =:= X, erlang:external_size(X)} end
        || O <- [0, 1, 4, 7, 8], N <- [0, 1, 7, 8, 9, 16, 23, 40]]
        ++ [byte_size(term_to_binary(binary:copy(<<1>>, N))) || N <- [63, 64, 65, 100, 1000]]
        ++ [begin L = binary:copy(<<"abc">>, 100), T = {L, L, [L]},
        iolist_to_binary(term_to_iovec(T)) =:= term_to_binary(T) end].
