%% phash2 of every type is fixed for all time; ranges; equality rules of keys.
-module(hash_phash2).
-export([run/0]).
-include("diff.hrl").

run() ->
    Ts = [0, 1, -1, 255, (1 bsl 27) - 1, 1 bsl 27, -(1 bsl 27), -(1 bsl 27) - 1, (1 bsl 28),
        (1 bsl 31) - 1, 1 bsl 32, 1 bsl 59, -(1 bsl 59), 1 bsl 64, -(1 bsl 64), 1 bsl 128,
        1 bsl 1000, -(1 bsl 96) - 7, 0.0, 1.0, -1.5, 1.0e300, a, '', abc, 'é', true, [], [1], "abc",
        "a longer string of characters", [1 | 2], [a, [b, [c]]], [256, 257], {}, {1}, {a, b, c},
        {{}}, <<>>, <<1>>, <<"hello world">>, <<"hello world, this is thirty">>, <<1:3>>, <<5:13>>,
        #{}, #{a => 1}, #{1 => 2, b => c}, fun lists:map/2, fun erlang:abs/1,
        [1.5, {2, <<"x">>}, #{k => []}], [0, 255, 1], [0, 256]],
    [{T, erlang:phash2(T), erlang:phash2(T, 1), erlang:phash2(T, 1000), erlang:phash2(T, 1 bsl 32),
        erlang:phash2(T, (1 bsl 27) + 5)} || T <- Ts] ++ [?TRY(erlang:phash2(a, ?ID(N)))
        || N <- [0, -1, (1 bsl 32) + 1, a, 1.0]] ++ [erlang:phash2(maps:from_list([{I, I}
        || I <- diff_runner:seq(1, 40)])), erlang:phash2(diff_runner:seq(1, 10000)),
        erlang:phash2(<<0:100000>>), erlang:phash2([<<N:32>> || N <- diff_runner:seq(1, 100)]),
        erlang:phash2(fun() -> ok end) =:= erlang:phash2(fun() -> ok end)]
    ++ [erlang:phash2(<<0:N>>) || N <- diff_runner:seq(0, 100)].
