%% Appending in loops: one writer, two writers from a common prefix, at bit offsets, across collections.
-module(bin_append).
-export([run/0]).
-include("diff.hrl").

run() ->
    A = app(<<>>, 0, 5000), B = ?ID(<<A/binary, "one">>), C = ?ID(<<A/binary, "two">>),
    D = <<B/binary, "more">>, E = <<B/binary, "else">>,
    [byte_size(A), erlang:md5(A), tailb(B, 8), tailb(C, 8), tailb(D, 8), tailb(E, 8),
        bitapp(<<>>, 40), B =/= C, erlang:md5(app(<<1, 2, 3>>, 5, 100)), garbage(<<>>, 300),
        fork(<<"seed">>, 6), byte_size(dbl(<<1>>, 16)), private(10),
        iolist_to_binary(lists:reverse(chunks(<<>>, 5), []))].
app(B, N, N) -> B;
app(B, I, N) when I > N -> B;
app(B, I, N) -> app(<<B/binary, I:16>>, I + 1, N).
tailb(B, N) -> S = byte_size(B) - N, <<_:S/binary, T/binary>> = B, T.
bitapp(B, 0) -> B;
bitapp(B, N) -> bitapp(<<B/bits, N:3>>, N - 1).
garbage(B, 0) -> {byte_size(B), erlang:phash2(B)};
garbage(B, N) ->
    erlang:garbage_collect(), _ = [X || X <- diff_runner:seq(1, 50)],
    garbage(<<B/binary, N:32>>, N - 1).
fork(B, 0) -> [B];
fork(B, N) -> fork(<<B/binary, (N + $a)>>, N - 1) ++ [<<B/binary, "x">>].
dbl(B, 0) -> B;
dbl(B, N) -> dbl(<<B/binary, B/binary>>, N - 1).
private(N) -> << <<X, Y>> || X <- diff_runner:seq(1, N), Y <- [0, X] >>.
chunks(_, 0) -> [];
chunks(B, N) -> C = <<B/binary, N>>, [C | chunks(C, N - 1)].
