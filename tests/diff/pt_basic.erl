%% persistent_term: put, get, erase, replace; values survive as literals.
-module(pt_basic).
-export([run/0]).
-include("diff.hrl").

run() ->
    K = {pt_basic, k}, B = list_to_binary(diff_runner:seq(0, 255)),
    V = {big, diff_runner:seq(1, 100), B, #{a => fun lists:map/2}},
    [persistent_term:put(K, V), persistent_term:get(K) =:= V, persistent_term:get(K, d) =:= V,
        persistent_term:get(nope_pt, d), ?TRY(persistent_term:get(nope_pt)),
        persistent_term:put(K, V), persistent_term:put(K, new), persistent_term:get(K),
        persistent_term:erase(K), persistent_term:erase(K), persistent_term:get(K, gone),
        [X || {pt_basic, _} = X <- [P || {P, _} <- persistent_term:get()]],
        map_size(persistent_term:info()), is_integer(maps:get(count, persistent_term:info())),
        held(), many()].
held() ->
    persistent_term:put(pt_held, [1, {2, "three"}]), X = persistent_term:get(pt_held),
    persistent_term:put(pt_held, other), erlang:garbage_collect(), Y = persistent_term:get(pt_held),
    persistent_term:erase(pt_held), erlang:garbage_collect(), {X, Y}.
many() ->
    [persistent_term:put({pt_many, I}, {I, [I]}) || I <- diff_runner:seq(1, 300)],
    R = [persistent_term:get({pt_many, I}) || I <- [1, 150, 300]],
    S = length([ok || I <- diff_runner:seq(1, 300), persistent_term:erase({pt_many, I})]), {R, S}.
