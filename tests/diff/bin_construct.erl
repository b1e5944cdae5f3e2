%% Binary construction: every type, several sizes, units, signs, both endiannesses.
-module(bin_construct).
-export([run/0]).
-include("diff.hrl").

run() ->
    Is = [0, 1, -1, 127, 128, 255, 256, -129, 65535, 1 bsl 31, 1 bsl 63, -(1 bsl 63),
        (1 bsl 64) + 5, -(1 bsl 90)],
    [{I, N, <<I:N>>, <<I:N/little>>, <<I:N/native>>, <<I:N/signed-big>>} || I <- Is,
        N <- [0, 1, 3, 7, 8, 9, 12, 16, 24, 31, 32, 33, 56, 60, 63, 64, 65, 80, 127, 128]]
     ++ [<<1:1, I:N/little, 1:2>> || I <- [1, -1, 16#123456789a], N <- [5, 8, 13, 16, 32, 40, 70]]
         ++ [<<1:3, I:N>> || I <- [1, -1, 16#123456789a], N <- [5, 8, 13, 16, 32, 40, 70]]
             ++ [<<(?ID(5)):(?ID(3))/unit:7>>, <<(?ID(-5)):4/little-unit:9>>].
