%% Map and reduce over processes: word frequencies of chunks merged in any order of arrival.
-module(prog_mapreduce).
-export([run/0]).
-include("diff.hrl").

run() ->
    Ls = ["the cat sat on the mat", "the dog sat on the log", "a cat and a dog",
        "on and on and on"], Me = self(), [spawn_link(fun() -> Me ! {part,
        count(words(L, [], []))} end) || L <- Ls], M = gather(length(Ls), #{}),
        P = pmap(fun(X) -> X * X end, diff_runner:seq(1, 50)),
        Q = ?TRY(pmap(fun(X) -> 10 div X end, [1, 2, 0])),
        [[{K, map_get(K, M)} || K <- diff_runner:sorted(maps:keys(M))], P, Q,
        tree(diff_runner:seq(1, 64))].
words([$  | T], W, A) -> words(T, [], [lists:reverse(W, []) | A]);
words([C | T], W, A) -> words(T, [C | W], A);
words([], W, A) -> [lists:reverse(W, []) | A].
count(Ws) -> count(Ws, #{}).
count([W | Ws], M) -> count(Ws, M#{W => case M of #{W := N} -> N + 1; _ -> 1 end});
count([], M) -> M.
gather(0, M) -> M;
gather(N, M) ->
    receive {part, P} -> gather(N - 1, maps:from_list([{K, maps:get(K, M, 0) + maps:get(K, P, 0)}
        || K <- maps:keys(maps:merge(M, P))])) end.
pmap(F, L) ->
    [case diff_runner:wait_down(PM) of {v, V} -> V; E -> exit(element(1, E)) end
        || PM <- [spawn_monitor(fun() -> exit({v, F(X)}) end) || X <- L]].
tree([X]) -> X;
tree(L) ->
    {A, B} = half(L, length(L) div 2, []), Me = self(), R = make_ref(),
    spawn_link(fun() -> Me ! {R, tree(A)} end), Y = tree(B), receive {R, X} -> X + Y end.
half(L, 0, A) -> {A, L};
half([H | T], N, A) -> half(T, N - 1, [H | A]).
