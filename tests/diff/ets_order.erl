%% The order in which tables are traversed: where it is a function of the keys alone, it is stock's,
%% through growing, shrinking and refilling. Tables with write_concurrency grow by parts, so only small
%% ones are the same.
-module(ets_order).
-export([run/0]).
-include("diff.hrl").

run() ->
    [[mixed(T, W) | [ints(T, W, N) || N <- [10, 200, 300, 5000, 20000], not W orelse N < 50]]
     || T <- [set, bag, duplicate_bag], W <- [false, true]].

mixed(Type, W) ->
    T = ets:new(t, [Type, {write_concurrency, W}]),
    fill(T, [foo, bar, baz, ok, error, 'Elixir.String', "x", <<"hello">>, <<"world">>, 1, 2, 3, 3.5,
             {1, 2}, [1, 2], 1 bsl 70, -1, [], #{}, {<<"a">>, 1}]),
    {ets:tab2list(T), look(T)}.

ints(Type, W, N) ->
    T = ets:new(t, [Type, {write_concurrency, W}]),
    fill(T, lists:seq(1, N)),
    A = look(T),
    [ets:delete(T, K) || K <- lists:seq(1, N), K rem 7 =/= 0],
    B = look(T),
    fill(T, lists:seq(1, N, 3)),
    C = look(T),
    ets:match_delete(T, {'_', 5}),
    D = look(T),
    ets:delete_all_objects(T),
    fill(T, lists:seq(1, 30)),
    {A, B, C, D, look(T)}.

fill(T, Keys) -> [ets:insert(T, {K, V}) || {K, V} <- lists:zip(Keys, lists:seq(1, length(Keys)))].

look(T) ->
    {Chunk, _} = ets:match(T, '$1', 7),
    {ets:info(T, size), erlang:phash2(ets:tab2list(T)), ets:first(T), ets:slot(T, 3), Chunk,
     erlang:phash2(ets:select(T, [{{'$1', '_'}, [], ['$1']}])),
     erlang:phash2(ets:foldl(fun(X, A) -> [X | A] end, [], T))}.
