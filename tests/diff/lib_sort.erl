%% lists:sort/1, usort/1, keysort/2, ukeysort/2: order among equals, errors and their traces, long
%% lists, and processes that end while they sort.
%% diff: full
-module(lib_sort).
-export([run/0]).
-include("diff.hrl").

run() ->
    Short = [[], [1], [2, 1], [3, 1, 2], [1, 2, 3, 4, 5], [5, 4, 3, 2, 1], [1, 1, 1, 1],
        [2, 1, 1.0, 5, 4], [2, 1.0, 1, 5, 4], [1, 1.0, 1, 1.0, 0], [0.0, -0.0, 0.0, -1, 0],
        [{1, a}, {1.0, a}, {1, a}, {0, b}], [[1.0], [1], [1.0], [0]], [#{a => 1}, #{a => 1.0}, #{}],
        [fun erlang:abs/1, self(), a, "b", <<"c">>, {}, [], 1 bsl 70, -(1 bsl 70), 1.5],
        [<<1:3>>, <<1>>, <<>>, <<1, 2>>, <<0:1>>, <<1>>]],
    Bad = [x, [a | b], [1, 2 | 3], [1, 2, 3, 4 | 5], [{1}, 2], [{1, 2}, {}], {1, 2}, <<1>>,
        [{a, 1}, {b, 2}, {c, 3}, d], [{a, 1}, {b}, {c, 3}, {d, 1}], [{b, 1}, {a, 2}, {c, 2}, {d, 3} | e]],
    [[{?TRY(lists:sort(?ID(L))), ?TRY(lists:usort(?ID(L)))} || L <- Short],
     [{?TRACE(lists:sort(?ID(L))), ?TRACE(lists:usort(?ID(L)))} || L <- Bad],
     [{P, ?TRACE(lists:keysort(?ID(P), ?ID(L))), ?TRACE(lists:ukeysort(?ID(P), ?ID(L)))}
         || P <- [0, 1, 2, 1.0, -1, 1 bsl 70, a], L <- Bad ++ [[], [{1, 2}], [x]]],
     [?MSG(lists:keysort(2, [{a, 1}, {b}, {c, 3}, {d, 1}])), ?MSG(lists:sort([1, 2, 3 | 4]))],
     [many(Kind, Size) || Kind <- [small, big, mixed, tuple, string, binary, atom, float, same, sorted, back, saw],
         Size <- [4, 5, 7, 8, 9, 16, 17, 63, 64, 65, 129, 1000, 1023, 1024, 1025, 5000]],
     [keys(Size) || Size <- [4, 10, 33, 127, 1024, 1025, 3000]],
     ?TRACE(lists:sort(lists:seq(1, 3000) ++ x)),
     ?TRACE(lists:keysort(1, [{I} || I <- lists:seq(1, 3000)] ++ [x])),
     short(lists:sort([I rem 7 || I <- lists:seq(1, 2500)] ++ [3.0])),
     [killed(N) || N <- lists:seq(1, 5)],
     in_parallel(),
     erlang:is_builtin(lists, sort, 1), erlang:function_exported(lists, sort, 1)].

short(T) -> {length(T), erlang:phash2(T), lists:sublist(T, 4)}.

many(Kind, Size) ->
    L = list(Kind, Size),
    {Kind, Size, short(lists:sort(L)), short(lists:usort(L))}.

keys(Size) ->
    L = [{element(1, K), I, K} || {I, K} <- lists:zip(lists:seq(1, Size), list(tuple, Size))],
    M = [case I rem 3 of 0 -> {float(A rem 40), I}; _ -> {A rem 40, I} end || {A, I, _} <- L],
    {Size, [{short(lists:keysort(P, X)), short(lists:ukeysort(P, X))} || X <- [L, M], P <- [1, 2]]}.

list(sorted, N) -> lists:seq(1, N);
list(back, N) -> lists:seq(N, 1, -1);
list(saw, N) -> [I rem 100 || I <- lists:seq(1, N)];
list(Kind, N) -> list(Kind, N, 17 * N + 1, []).
list(_, 0, _, L) -> L;
list(Kind, N, S, L) ->
    S1 = (S * 1103515245 + 12345) band 16#7fffffff,
    list(Kind, N - 1, S1, [value(Kind, S1 bsr 7) | L]).

value(small, V) -> V - 5000000;
value(big, V) -> (V rem 50) * (1 bsl 60) - (25 bsl 60) + V rem 3;
value(mixed, V) ->
    lists:nth(1 + V rem 8, [V, -V, {V}, [V], "x", <<V:16>>, abs, V + 0.5]);
value(tuple, V) -> {V rem 97, V rem 5, x};
value(string, V) -> integer_to_list(V rem 1000);
value(binary, V) -> integer_to_binary(V rem 1000);
value(atom, V) -> lists:nth(1 + V rem 9, [a, b, c, abc, abcd, abcde, zz, '', 'A']);
value(float, V) -> V / 7;
value(same, _) -> same.

%% The state of a sort in progress goes with its process.
killed(N) ->
    L = list(string, 3000 * N),
    {P, R} = spawn_monitor(fun F() -> lists:sort(L), F() end),
    receive after N -> ok end,
    erlang:garbage_collect(P),
    exit(P, kill),
    receive {'DOWN', R, process, P, Why} -> Why end.

%% Several at once, collected from outside.
in_parallel() ->
    Me = self(),
    Ps = [spawn_link(fun() -> Me ! {self(), short(lists:sort(list(string, 3000 + K)))} end)
        || K <- lists:seq(1, 6)],
    [erlang:garbage_collect(P) || P <- Ps],
    [receive {P, T} -> T end || P <- Ps].
