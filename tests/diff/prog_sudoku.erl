%% A sudoku solved by backtracking over tuples.
-module(prog_sudoku).
-export([run/0]).
-include("diff.hrl").

run() ->
    P = "530070000600195000098000060800060003400803001700020006060000280000419005000080079",
    {ok, S} = solve(list_to_tuple([C - $0 || C <- P]), 1), [tuple_to_list(S), check(S)].
solve(T, 82) -> {ok, T};
solve(T, I) when element(I, T) =/= 0 -> solve(T, I + 1);
solve(T, I) -> try_(cands(T, I), T, I).
try_([], _, _) -> none;
try_([C | Cs], T, I) ->
    case solve(setelement(I, T, C), I + 1) of {ok, S} -> {ok, S}; none -> try_(Cs, T, I) end.
cands(T, I) ->
    R = (I - 1) div 9, C = (I - 1) rem 9, Used = [element(R * 9 + K, T)
        || K <- diff_runner:seq(1, 9)] ++ [element(K * 9 + C + 1, T) || K <- diff_runner:seq(0, 8)]
        ++ [element((R div 3 * 3 + A) * 9 + C div 3 * 3 + B + 1, T) || A <- [0, 1, 2],
        B <- [0, 1, 2]], diff_runner:seq(1, 9) -- Used.
check(T) ->
    [sum([element(R * 9 + K, T) || K <- diff_runner:seq(1, 9)]) || R <- diff_runner:seq(0, 8)].
sum([H | T]) -> H + sum(T);
sum([]) -> 0.
