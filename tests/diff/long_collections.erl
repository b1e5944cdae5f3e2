%% Code and built-in functions of a process whose heap is large: collections come at every place that can
%% ask for one, and what lives across them is as it was.
-module(long_collections).
-export([run/0]).
-include("diff.hrl").

run() ->
    [apart(F) || F <- [fun body/0, fun tail/0, fun binaries/0, fun appended/0, fun maps_/0, fun bifs/0, fun floats/0,
                       fun receives/0, fun catches/0, fun asked/0]].

apart(F) ->
    {P, R} = spawn_monitor(fun() -> exit({ok, F()}) end),
    receive {'DOWN', R, process, P, Why} -> Why end.

sum(T) -> erlang:phash2(T).
%% Something to carry along that is looked at in the end.
load() -> [{I, [I, I]} || I <- lists:seq(1, 60000)].

body() -> L = load(), D = deep(50000), {sum(L), iolist_size(D), sum(D)}.
deep(0) -> "x";
deep(N) -> [deep(N - 1), <<N:8>>].

tail() -> L = load(), {sum(tuples(60000, [], 1, 2, 3)), sum(L)}.
tuples(0, Acc, A, B, C) -> {Acc, A, B, C};
tuples(N, Acc, A, B, C) -> tuples(N - 1, [{N, A, B, C} | Acc], B, C, {N}).

binaries() -> L = load(), {sum([{<<N:32, N:8>>, N} || N <- lists:seq(1, 60000)]), sum(L)}.

appended() -> L = load(), {sum(append(60000, <<>>, [])), sum(L)}.
append(0, B, K) -> {B, K};
append(N, B, K) -> append(N - 1, <<B/binary, N:16>>, [{N, byte_size(B)} | K]).

maps_() ->
    L = load(),
    M = lists:foldl(fun(I, A) -> A#{I => {I}, last => I} end, #{}, lists:seq(1, 20000)),
    S = lists:foldl(fun(I, A) -> A#{a := I, b := {I, maps:get(b, A)}} end, #{a => 0, b => 0}, lists:seq(1, 20000)),
    {sum(M), maps:get(last, M), sum(S), sum(L)}.

bifs() ->
    L = load(),
    R = [{integer_to_list(I), list_to_tuple([I, I]), atom_to_list(ab), [I] ++ [x], I * 16#ffffffffffffff}
         || I <- lists:seq(1, 20000)],
    {sum(R), sum(lists:reverse(R)), sum([X || X <- R, element(1, X) > "5"]), sum(L)}.

floats() ->
    L = load(),
    {F, K} = lists:foldl(fun(I, {A, B}) -> {A + I / 3, [A | B]} end, {0.5, []}, lists:seq(1, 60000)),
    {F, sum(K), sum(L)}.

receives() ->
    L = load(),
    Self = self(),
    spawn_link(fun() -> [Self ! {I, lists:duplicate(3, I)} || I <- lists:seq(1, 20000)], Self ! done end),
    {sum(take([])), sum(L)}.
take(A) -> receive {I, [X | _]} when I rem 2 =:= 0 -> take([{I, X} | A]); done -> rest(A) end.
rest(A) -> receive {I, L} -> rest([{L, I} | A]) after 0 -> A end.

catches() ->
    L = load(),
    {sum([try list_to_integer(X) of V -> {ok, V} catch error:R -> {R, X} end
          || I <- lists:seq(1, 20000), X <- [integer_to_list(I), [$a | integer_to_list(I)]]]), sum(L)}.

%% By itself, by another process, and of literals that go.
asked() ->
    L = load(),
    persistent_term:put(long_collections, {L, <<"kept">>}),
    K = persistent_term:get(long_collections),
    {P, R} = spawn_monitor(fun() -> receive go -> exit({sum(K), sum(L)}) end end),
    true = erlang:garbage_collect(),
    true = erlang:garbage_collect(self(), [{type, minor}]),
    true = erlang:garbage_collect(P),
    true = persistent_term:erase(long_collections),
    receive after 50 -> ok end,
    true = erlang:garbage_collect(P, [{type, major}]),
    P ! go,
    receive {'DOWN', R, process, P, Why} -> {Why, sum(K), sum(L)} end.
