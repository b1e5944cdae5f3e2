%% The lists module as programs use it: map, filter, fold, zip, nth, reverse, append, member.
-module(bench_lists_library).
-export([run/1]).

run(N) -> L = lists:seq(1, 200), repeat(N, L, 0).
repeat(0, _, S) -> S;
repeat(N, L, S) ->
    A = lists:map(fun(X) -> X * 3 end, L), B = lists:filter(fun(X) -> X rem 2 =:= 0 end, A),
    C = lists:foldl(fun(X, Y) -> X + Y end, 0, B),
    D = lists:zip(A, L), E = lists:nth(50, A), F = lists:reverse(D), G = lists:append(B, A),
    H = lists:member(-1, G), {I, _} = lists:partition(fun(X) -> X > 300 end, G),
    repeat(N - 1, L, (S + C + E + length(F) + length(I) + case H of true -> 1;
        false -> 0 end) band 16#ffffff).
