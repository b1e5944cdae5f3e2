%% Floats matched at offsets, of each width; values that are not numbers do not match.
-module(bin_match_float).
-export([run/0]).
-include("diff.hrl").

run() ->
    Fs = [0.0, 1.0, -2.5, 65504.0, 1.0e10, 3.0e38, 1.0e300, 1.0e-40, -0.0],
    [{F, O, [r(N, F, O) || N <- [16, 32, 64]]} || F <- Fs, O <- [0, 3, 8]]
        ++ [m(<<B:64>>) || B <- [16#7ff0000000000000, 16#fff0000000000000, 16#7ff8000000000001,
            16#7fefffffffffffff, 1]] ++ [case ?ID(<<B:32>>) of <<X:32/float>> -> X; _ -> no end
            || B <- [16#7f800000, 16#7fc00000, 16#3f800000]]
            ++ [case ?ID(<<1.5/float, "x">>) of <<X/float, Y>> -> {X, Y} end,
            ?TRY(begin Z = ?ID(24), <<X:Z/float>> = ?ID(<<0:24>>), X end)].
r(N, F, O) ->
    try <<0:O, F:N/float, 5:3>> of B -> case B of <<_:O, X:N/float, 5:3>> -> X;
        _ -> nomatch end catch error:E -> E end.
m(<<X/float>>) -> X;
m(<<X:64/float-little>>) -> {little, X};
m(_) -> nan.
