%% iolists of every shape: sizes, flattening, vectors; improper tails; errors deep inside.
-module(bin_iovec).
-export([run/0]).
-include("diff.hrl").

run() ->
    Big = binary:copy(<<"x">>, 200), Ls = [[], <<>>, "a", [[[]]], [1, [2, [3 | <<4>>]]],
        [<<1>> | <<2>>], [Big, 1, Big], [[Big | Big], "str", [<<>>, []]],
        ["a", ["b" | <<"c">>] | <<"d">>], [<<1:8>>, 255, [0]]],
        [{L, iolist_size(L), iolist_to_binary(L), erlang:iolist_to_iovec(L)} || L <- Ls]
        ++ [{?TRY(iolist_size(L)), ?TRY(iolist_to_binary(L)), ?TRY(erlang:iolist_to_iovec(L))}
        || L <- [a, [a], [256], [-1], [1 | 2], [<<1:1>>], [[[[x]]]], {}, [1.0], [[], [<<1>> | a]]]]
        ++ [iolist_size(deep(50000)), byte_size(iolist_to_binary(deep(50000)))].
deep(0) -> "x";
deep(N) -> [deep(N - 1), <<N:8>>].
