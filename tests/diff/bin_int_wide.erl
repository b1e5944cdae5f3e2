%% Integers wider than a word through binaries and back, every byte order, sign and start.
-module(bin_int_wide).
-export([run/0]).
-include("diff.hrl").

run() ->
    [begin N = S * ((1 bsl (W - 2)) + 16#123456789abcdef),
        <<_:O, A:W/signed, B:W/signed-little, C:W/unsigned>> = <<0:O, N:W, N:W/little, N:W>>,
        {A =:= N, B =:= N, C =:= N band ((1 bsl W) - 1), erlang:phash2(<<N:W/little>>)} end
        || W <- [62, 63, 64, 65, 66, 72, 96, 127, 128, 129, 200, 1000], S <- [1, -1],
        O <- [0, 1, 5]].
