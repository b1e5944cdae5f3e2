%% Order among maps: size, then keys, then values; integer keys before float keys of equal value.
-module(cmp_maps).
-export([run/0]).
-include("diff.hrl").

run() ->
    Ms = [#{}, #{1 => 1}, #{1.0 => 1}, #{2 => 0}, #{a => 1, b => 1}, #{a => 1, c => 0},
        #{1 => a, 2 => b}, #{1.0 => a, 2 => b}, #{1 => a, 2.0 => b}, #{1 => a, 1.0 => b},
        big(40, 0), big(40, 1), big(41, 0), (big(40, 0))#{1.5 => x},
        maps:remove(1, (big(40, 0))#{1.0 => 1})],
    [[{A < B, A == B, A > B} || B <- Ms] || A <- Ms].
big(N, D) -> maps:from_list([{I, I + D} || I <- diff_runner:seq(1, N)]).
