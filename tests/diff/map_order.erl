%% Flat maps come out in term order of their keys, whatever the order of insertion.
-module(map_order).
-export([run/0]).
-include("diff.hrl").

run() ->
    Ks = [b, a, 1, -1, 1.5, -2.5, 2.0, 2, "x", [], [a], {}, {b}, {a, b}, <<>>, <<"z">>, #{},
        #{q => 1}, 1 bsl 70, -(1 bsl 70), ab, aa, 'B'],
    M1 = put_all(Ks, #{}), M2 = put_all(lists:reverse(Ks, []), #{}),
    [M1, M1 =:= M2, maps:keys(M1), maps:values(M1), erlang:phash2(M1) =:= erlang:phash2(M2),
        erlang:phash2(M1), #{b => 1, a => 2}, maps:from_list([{2, x}, {1, y}, {2, z}]),
        [K || K <- maps:keys(M1), is_number(K)], maps:from_keys(Ks,
        v) =:= maps:from_keys(lists:reverse(Ks, []), v), term_to_binary(#{c => 1, b => 2, a => 3}),
        maps:merge(#{b => 1, c => 2}, #{a => 0, b => 9})].
put_all([K | Ks], M) -> put_all(Ks, M#{K => {v, K}});
put_all([], M) -> M.
