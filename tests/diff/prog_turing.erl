%% Turing machines, cellular automata and an L-system: long runs of small steps.
-module(prog_turing).
-export([run/0]).
-include("diff.hrl").

run() ->
    [tm(beaver4(), a, {[], 0, []}, 0), rule(30, 31, 15), rule(110, 40, 20), lsys("A", 10),
        collatz(1, 300, {0, 0}), ant(500)].
beaver4() ->
    #{{a, 0} => {1, r, b}, {a, 1} => {1, l, b}, {b, 0} => {1, l, a}, {b, 1} => {0, l, c},
        {c, 0} => {1, r, h}, {c, 1} => {1, l, d}, {d, 0} => {1, r, d}, {d, 1} => {0, r, a}}.
tm(_, h, {L, X, R}, N) -> {N, length([1 || 1 <- L ++ [X | R]])};
tm(P, S, {L, X, R}, N) -> {W, D, S1} = map_get({S, X}, P), tm(P, S1, mv(D, L, W, R), N + 1).
mv(l, [X | L], W, R) -> {L, X, [W | R]};
mv(l, [], W, R) -> {[], 0, [W | R]};
mv(r, L, W, [X | R]) -> {[W | L], X, R};
mv(r, L, W, []) -> {[W | L], 0, []}.
rule(N, W, K) ->
    gen(N, << <<(case I =:= W div 2 of true -> 1; false -> 0 end):1>>
        || I <- diff_runner:seq(0, W - 1) >>, K).
gen(_, B, 0) -> [B];
gen(N, B, K) -> [B | gen(N, next(N, <<0:1, B/bits, 0:1>>), K - 1)].
next(N, <<A:1, B:1, C:1, R/bits>>) ->
    X = (N bsr (A * 4 + B * 2 + C)) band 1, Y = next(N, <<B:1, C:1, R/bits>>), <<X:1, Y/bits>>;
next(_, _) -> <<>>.
lsys(S, 0) -> {length(S), erlang:phash2(S)};
lsys(S, N) -> lsys(lists_append([case C of $A -> "AB"; $B -> "A" end || C <- S]), N - 1).
lists_append([H | T]) -> H ++ lists_append(T);
lists_append([]) -> [].
collatz(N, M, B) when N > M -> B;
collatz(N, M, {L, _} = B) ->
    case len(N, 1) of K when K > L -> collatz(N + 1, M, {K, N}); _ -> collatz(N + 1, M, B) end.
len(1, K) -> K;
len(N, K) when N rem 2 =:= 0 -> len(N div 2, K + 1);
len(N, K) -> len(3 * N + 1, K + 1).
ant(N) -> ant(N, {0, 0}, {0, 1}, #{}).
ant(0, P, D, G) -> {P, D, map_size(G), erlang:phash2(diff_runner:sorted(maps:keys(G)))};
ant(N, {X, Y} = P, {A, B}, G) ->
    case G of #{P := _} -> ant(N - 1, {X - B, Y + A}, {-B, A}, maps:remove(P, G));
        _ -> ant(N - 1, {X + B, Y - A}, {B, -A}, G#{P => 1}) end.
