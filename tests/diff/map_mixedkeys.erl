%% Small maps with keys of all types in all insertion orders give the same map, printed the same.
-module(map_mixedkeys).
-export([run/0]).
-include("diff.hrl").

run() ->
    Ks = [1, 1.0, a, "a", {a}, <<"a">>, [], #{}, 1 bsl 65, fun lists:map/2], Rs = rots(Ks, 10),
    Ms = [put_all(R, #{}) || R <- Rs], [hd(Ms), [M =:= hd(Ms) || M <- Ms],
        [erlang:phash2(M) || M <- Ms], [maps:keys(M) =:= maps:keys(hd(Ms)) || M <- Ms],
        [del_all(R, hd(Ms)) || R <- Rs]].
rots(_, 0) -> [];
rots([H | T] = L, N) -> [L | rots(T ++ [H], N - 1)].
put_all([K | T], M) -> put_all(T, maps:put(K, {v, K}, M));
put_all([], M) -> M.
del_all([K], M) -> maps:keys(M) =:= [K];
del_all([K | T], M) -> del_all(T, maps:remove(K, M)).
