%% Large binaries: slices that keep the whole, copies that do not, comparison and search over megabytes.
-module(bin_large).
-export([run/0]).
-include("diff.hrl").

run() ->
    B = binary:copy(<<"0123456789abcdef">>, 65536), S = binary:part(B, 500000, 100),
    C = binary:copy(S), <<_:3, U:800000/bits, _/bits>> = B,
    [byte_size(B), S =:= C, binary:referenced_byte_size(S), binary:referenced_byte_size(C),
        erlang:md5(B), erlang:crc32(B), bit_size(U), erlang:phash2(U),
        <<1:1, U/bits>> =:= <<1:1, U/bits>>, binary:match(B, <<"f012">>),
        length(binary:matches(B, <<"f01">>)), B < <<B/binary, 0>>,
        B =:= <<(binary:part(B, 0, 500000))/binary, (binary:part(B, 500000,
        byte_size(B) - 500000))/binary>>, byte_size(list_to_binary([B, B, [B]])),
        byte_size(iolist_to_binary([[B] || _ <- [1, 2, 3]])), binary:last(B), binary:at(B, 1000000),
        byte_size(<< <<X:4>> || <<X:8>> <= binary:part(B, 0, 10000) >>),
        binary:longest_common_prefix([B, <<B/binary, "x">>]), echo(B),
        binary_to_list(B, 1048570, 1048576)].
echo(B) ->
    Me = self(), P = spawn(fun() -> receive X -> Me ! {self(), byte_size(X), X} end end),
    P ! binary:part(B, 10, 1000000), receive {P, N, Y} -> {N,
        Y =:= binary:part(B, 10, 1000000)} end.
