%% Sub-binaries of sub-binaries: offsets, sizes in bits, tails, and what remains referenced.
-module(bin_match_sub).
-export([run/0]).
-include("diff.hrl").

run() ->
    B = ?ID(list_to_binary(diff_runner:seq(0, 255))),
    <<_:10/binary, S:100/binary, _/binary>> = B, <<_:3, T:200/bits, _/bits>> = S,
    <<_:5/bits, U/bits>> = T,
    [S =:= binary_part(B, 10, 100), bit_size(T), bit_size(U), erlang:phash2(T), erlang:phash2(U), U,
        byte_size(S), cut(B, 3), part(B), split(S, 7), erlang:md5(S), [X || <<X:3, _:29>> <= S],
        binary_to_list(S, 1, 5), ?TRY(binary_to_list(U)), bitstring_to_list(T),
        list_to_bitstring([U, T]) =:= <<U/bits, T/bits>>, rejoin(S)].
cut(<<>>, _) -> [];
cut(B, N) when byte_size(B) < N -> [B];
cut(B, N) -> <<H:N/binary, R/binary>> = B, [H | cut(R, N * 2)].
part(B) ->
    [binary_part(B, {0, 3}), binary_part(B, 5, -3), binary_part(B, byte_size(B), -2),
        ?TRY(binary_part(B, 250, 10)), ?TRY(binary_part(B, -1, 1)), ?TRY(binary_part(B, 0, -1)),
        ?TRY(binary_part(B, ?ID(a), 1)), ?TRY(binary_part(?ID(<<1:3>>), 0, 1))].
split(B, N) -> [split_binary(B, N) | [?TRY(split_binary(B, ?ID(K))) || K <- [0, 100, 101, -1, a]]].
rejoin(B) -> << <<X:12>> || <<X:12>> <= B >> =:= <<B:96/binary>>.
