%% Map patterns in heads, cases and funs; keys bound, computed, missing; guards on maps.
-module(map_match).
-export([run/0]).
-include("diff.hrl").

run() ->
    [f(?ID(X), K) || X <- [#{}, #{a => 1}, #{a => b, b => 2}, #{1 => x, {1, 2} => y}, x,
        #{k1 => #{k2 => #{k3 => deep}}}, #{"s" => 1, <<"b">> => 2, 1.5 => 3}],
        K <- [a, 1, {1, 2}, "s", 1.5]]
     ++ [g(?ID(M)) || M <- [#{a => 1, b => 2}, #{a => 1}, #{b => 2}, #{a => 2, b => 1}, #{c => 3}]]
         ++ [h(maps:from_list([{I, I} || I <- diff_runner:seq(1, N)])) || N <- [0, 3, 5, 40, 100]].
f(#{k1 := #{k2 := #{k3 := D}}}, _) -> {deep, D};
f(#{a := A} = M, _) when is_atom(A) -> #{A := V} = M, {chain, V};
f(M, K) when is_map_key(K, M) -> {has, K, map_get(K, M)};
f(M, K) when map_size(M) =:= 0 -> {empty, K};
f(M, K) -> case M of #{K := V} -> {found, V}; #{} -> other_map; _ -> not_map end.
g(#{a := 1, b := B}) -> {ab, B};
g(#{a := A} = M) when A > 1; map_get(zz, M) -> {a, A};
g(#{b := B}) -> {b, B};
g(M) -> {none, maps:keys(M)}.
h(#{1 := A, 3 := B, 5 := C, 40 := D, 100 := E}) -> {A, B, C, D, E};
h(#{1 := A, 5 := C, 40 := D}) -> {A, C, D};
h(#{5 := C}) -> C;
h(#{3 := A}) -> A;
h(_) -> none.
