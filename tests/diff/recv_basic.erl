%% receive in order, selectively, with guards, with after 0 and after a little.
-module(recv_basic).
-export([run/0]).
-include("diff.hrl").

run() ->
    [self() ! M || M <- [a, {b, 1}, c, {b, 2}, 3, d, "e", 4.5]],
    A = receive {b, X} -> {first_b, X} end,
    B = receive N when is_number(N) -> {num, N} end,
    C = receive {b, Y} when Y > 5 -> big; {b, Y} -> {second_b, Y} end,
    D = receive nomatch -> never after 0 -> timeout end,
    E = receive Z -> Z after 10 -> none end,
    F = receive "e" -> e end,
    G = diff_runner:flush(),
    H = receive _ -> no after 5 -> later end,
    I = receive after 1 -> only_after end,
    [A, B, C, D, E, F, G, H, I, ?TRY(receive after ?ID(-1) -> x end),
        ?TRY(receive after ?ID(a) -> x end), ?TRY(receive after ?ID(1.5) -> x end),
        ?TRY(receive after ?ID(1 bsl 32) -> x end),
        ?TRY(receive z -> y after ?ID(1 bsl 70) -> x end), loop(100), infinity()].
loop(N) ->
    P = self(), spawn(fun() -> [P ! {n, I} || I <- diff_runner:seq(1, N)] end),
    lists:reverse([receive {n, I} -> I end || I <- diff_runner:seq(1, N)],
        []) =:= lists:reverse(diff_runner:seq(1, N), []).
infinity() -> self() ! x, receive x -> got after infinity -> no end.
