%% ++ and -- on longer lists, where a machine may switch algorithms, and on shared tails.
-module(list_append).
-export([run/0]).
-include("diff.hrl").

run() ->
    A = diff_runner:seq(1, 2000), B = diff_runner:seq(1000, 3000),
    C = A ++ B, D = C -- B, E = B -- A, T = [x, y],
    [length(C), D =:= A -- diff_runner:seq(5000, 5001), length(D), E, erlang:phash2(D), (A ++ T)
        ++ T, length(A -- A), [[], []] -- [[]], [{1}, {2}, {1}] -- [{1}],
        [1 bsl 70, 2.5, "s", <<1>>] -- [<<1>>, 1 bsl 70, 2.5],
     erlang:'++'(A, tail) =:= erlang:'++'(A, tail), erlang:phash2(lists:reverse(A, B)),
     [3 || _ <- A -- B] =:= [3 || _ <- diff_runner:seq(1, 999)]].
