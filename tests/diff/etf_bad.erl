%% Bytes that are not external terms: each truncation and mutation gives badarg, never worse.
-module(etf_bad).
-export([run/0]).
-include("diff.hrl").

run() ->
    B = term_to_binary({a, [1, 2 | x], "str", 1.5, <<1, 2>>, <<1:3>>, #{k => v}, 1 bsl 70,
        fun lists:map/2}),
    [[?TRY(binary_to_term(binary:part(B, 0, N))) || N <- diff_runner:seq(0,
        byte_size(B) - 1)] =:= [{error, badarg} || _ <- diff_runner:seq(1, byte_size(B))],
     [?TRY(binary_to_term(X)) || X <- [<<>>, <<131>>, <<130, 97, 1>>, <<131, 0>>, <<131, 255>>,
         <<131, 108, 255, 255, 255, 255, 97, 1>>, <<131, 105, 255, 255, 255, 255>>,
         <<131, 109, 255, 255, 255, 255>>, <<131, 116, 255, 255, 255, 255>>,
         <<131, 111, 255, 255, 255, 255, 0>>, <<131, 119, 2, 255, 255>>, <<131, 118, 4, 0>>,
         <<131, 100, 1, 0>>, <<131, 70, 127, 240, 0, 0, 0, 0, 0, 0>>,
         <<131, 99, "notafloat", 0:176>>, <<131, 80, 0, 0, 0, 9, 1, 2, 3>>,
         <<131, 80, 255, 255, 255, 255, 120, 156>>, <<131, 113, 97, 1, 97, 1, 97, 1>>, <<131, 88>>,
         <<131, 90, 0, 3>>, <<131, 112, 0, 0, 0, 4>>, <<131, 77, 0, 0, 0, 1, 3>>,
         <<131, 107, 255, 255, "x">>]] ++ [?TRY(binary_to_term(?ID(X))) || X <- [a, <<1:3>>, []]],
     erlang:phash2([mut(B, I, V) || I <- diff_runner:seq(1, byte_size(B) - 1),
         V <- [0, 255, 128]]) > 0].
mut(B, I, V) ->
    <<A:I/binary, _, R/binary>> = B, case ?TRY(binary_to_term(<<A/binary, V, R/binary>>)) of {ok,
        _} -> ok; E -> E end.
