%% Reference-counted binaries made, kept for a while, and dropped.
-module(bench_collection_binaries).
-export([run/1]).

run(N) -> loop(N * 5, lists:duplicate(100, <<>>), 0).
loop(0, _, S) -> S;
loop(N, [_ | T], S) ->
    B = binary:copy(<<N:32>>, 100), loop(N - 1, case N rem 10 of 0 -> lists:sublist(T ++ [B], 100);
        _ -> [B | T] end, (S + byte_size(B)) band 16#ffffff);
loop(N, [], S) -> loop(N, [<<>>], S).
