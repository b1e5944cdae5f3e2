%% diff: full
%% zlib: one-shot and streaming, all formats, checksums, dictionaries, damaged input.
-module(lib_zlib).
-export([run/0]).
-include("diff.hrl").

run() ->
    D = binary:copy(<<"the quick brown fox jumps over the lazy dog. ">>, 50), Z = zlib:open(),
    ok = zlib:deflateInit(Z, best_compression), A = [zlib:deflate(Z, D),
        zlib:deflate(Z, <<"more">>, finish)], ok = zlib:deflateEnd(Z), zlib:close(Z),
    Y = zlib:open(), zlib:inflateInit(Y), B = iolist_to_binary(zlib:inflate(Y, A)),
    zlib:inflateEnd(Y), zlib:close(Y),
    [zlib:uncompress(zlib:compress(D)) =:= D, zlib:unzip(zlib:zip(D)) =:= D,
        zlib:gunzip(zlib:gzip(D)) =:= D, byte_size(zlib:zip(D)) < 200, B =:= <<D/binary, "more">>,
        zlib:uncompress(<<120, 156, 75, 76, 74, 6, 0, 2, 77, 1, 39>>),
        zlib:gunzip(<<31, 139, 8, 0, 0, 0, 0, 0, 0, 3, 75, 4, 0, 67, 190, 183, 232, 1, 0, 0, 0>>)]
        ++ [?TRY(zlib:F(X)) || F <- [uncompress, unzip, gunzip],
        X <- [<<>>, <<1, 2, 3>>, <<120, 156, 0>>, <<31, 139, 8>>]]
        ++ [?TRY(zlib:compress(?ID(a))), chunked(zlib:compress(D)) =:= D, dict()].
chunked(C) ->
    Z = zlib:open(), zlib:inflateInit(Z), R = iolist_to_binary([zlib:inflate(Z, <<X>>)
        || <<X>> <= C]), zlib:close(Z), R.
dict() ->
    Z = zlib:open(), zlib:deflateInit(Z), I = zlib:deflateSetDictionary(Z, <<"hello world">>),
    C = iolist_to_binary(zlib:deflate(Z, <<"hello world hello">>, finish)), zlib:close(Z),
    Y = zlib:open(), zlib:inflateInit(Y), E = ?TRY(zlib:inflate(Y, C)), zlib:close(Y), {I, E}.
