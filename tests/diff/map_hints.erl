%% The same map instructions meet maps of many shapes in turn: flat ones with the keys elsewhere or
%% missing, large ones, empty ones; also from several processes at once.
-module(map_hints).
-export([run/0]).
-include("diff.hrl").

run() ->
    Maps = [#{}, #{b => 1}, #{a => 1, b => 2, c => 3}, #{c => 3, d => 4, z => 5}, #{0 => x, a => 0, b => 0},
        maps_of(20), maps_of(40), #{"b" => 1, <<"b">> => 2, b => 3}, #{1 => a, 1.0 => b, c => q, b => w}],
    One = [[{?TRY(one(M)), ?TRY(three(M)), show(?TRY(put_b(M, I))), show(?TRY(set(M, I))), show(?TRY(set1(M, I))), ?TRY(move(M))} || M <- Maps]
        || I <- [1, 2, 2]],
    Same = begin M = ?ID(#{a => 1, b => 2, c => 3}), set(M, 2) =:= M end,
    Me = self(),
    Ps = [spawn_link(fun() -> Me ! {self(), many(rot(N, Maps), 200, 0)} end) || N <- [0, 1, 2, 3]],
    [One, Same, ?TRACE(set(?ID(x), 1)), ?TRACE(put_b(?ID([]), 1)), ?TRACE(set(?ID(#{a => 1}), 1)),
        [receive {P, T} -> T end || P <- Ps]].

%% Atoms have no fixed place in large maps.
show({ok, M}) when map_size(M) > 32 -> {map_size(M), map_get(b, M), map_get(c, M), map_get(17, M), maps:find(d, M)};
show(M) -> M.

rot(0, L) -> L;
rot(N, [H | T]) -> rot(N - 1, T ++ [H]).

many(_, 0, S) -> S;
many(Maps, N, S) ->
    many(Maps, N - 1, lists_sum([weight(one(M)) + weight(three(M)) + map_size(put_b(M, N)) || M <- Maps], S)).

lists_sum([H | T], S) -> lists_sum(T, (S * 31 + H) band 16#ffffff);
lists_sum([], S) -> S.

weight({B, _, C}) -> weight(B) + weight(C);
weight(X) when is_integer(X) -> X;
weight(_) -> 7.

maps_of(N) -> maps:from_list([{b, n}, {c, N} | [{K, K} || K <- diff_runner:seq(1, N)]]).

one(#{b := B}) -> B;
one(_) -> none.

three(#{a := A, b := B, c := C}) -> {B, A, C};
three(#{b := B, c := C}) -> {B, C, C};
three(_) -> none.

%% The destination of one key is the register of the map.
move(M) ->
    #{c := X, b := Y} = M,
    {X, Y, map_size(M)}.

put_b(M, I) -> M#{b => I, d => {I}}.
set(M, I) -> M#{b := I, c := 3}.
set1(M, I) -> M#{b := [I]}.
