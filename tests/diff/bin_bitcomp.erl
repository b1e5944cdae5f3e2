%% Binary comprehensions over bits, with filters, several generators, growth to unaligned ends.
-module(bin_bitcomp).
-export([run/0]).
-include("diff.hrl").

run() ->
    [<< <<X:N>> || X <- diff_runner:seq(0, 20) >> || N <- [1, 3, 5, 8, 9, 13]]
        ++ [<< <<B:1, A:1>> || <<A:1, B:1>> <= <<16#1234:16>> >>,
            << <<X>> || <<X>> <= <<"a1b2c3">>, X >= $a >>,
            << <<X:Y>> || X <- [1, 2], Y <- [3, 8] >>, [A || <<A:3>> <= <<1, 2, 3, 4>>],
            [A || <<A:16/little>> <= <<1, 2, 3, 4, 5>>],
            [{N, D} || <<N, D:N/binary>> <= <<1, "a", 3, "bcd", 9, "z">>],
            << <<(bit_size(X)):8>> || <<X:5/bits>> <= <<0:33>> >>,
            [F || <<F/float>> <= <<1.0/float, 2.5/float>>],
            << X || X <- [<<1:1>>, <<0:2>>, <<3:3>>] >>, ?TRY(<< X || X <- [<<1:1>>, ?ID(a)] >>),
            << <<X:24/little-signed>> || X <- [-1, 1, 1 bsl 23] >>].
