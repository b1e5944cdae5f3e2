%% term_to_binary: the bytes for each type, and back.
-module(etf_basic).
-export([run/0]).
-include("diff.hrl").

run() ->
    Ts = [0, 255, 256, -1, (1 bsl 31) - 1, 1 bsl 31, -(1 bsl 31), -(1 bsl 31) - 1, 1 bsl 59,
        1 bsl 63, 1 bsl 64, -(1 bsl 64), 1 bsl 2100, 1.5, -0.0, a, '', 'é', 'ы',
        list_to_atom([$x || _ <- diff_runner:seq(1, 255)]), [], [1], "abc", [256], [1, 2 | 3],
        [a | b], {}, {1}, {a, {b}}, <<>>, <<1, 2>>, <<1:3>>, <<5:11>>, #{}, #{a => 1},
        #{1 => [], b => #{}}, fun lists:map/2, fun erlang:abs/1, true, nil, [[[]]],
        [{1, "x"}, <<0:80>>]],
    [{T, term_to_binary(T), binary_to_term(term_to_binary(T)) =:= T, erlang:external_size(T)}
        || T <- Ts]
     ++ [{byte_size(term_to_binary(X)), erlang:md5(term_to_binary(X)),
         binary_to_term(term_to_binary(X)) =:= X} || X <- [diff_runner:seq(1, 5000),
         [$a || _ <- diff_runner:seq(1, 65535)], [$a || _ <- diff_runner:seq(1, 65536)],
         list_to_tuple(diff_runner:seq(1, 300)), <<0:80000>>,
         maps:from_list([{I, I} || I <- diff_runner:seq(1, 30)])]].
