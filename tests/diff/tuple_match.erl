%% Tuples in heads and cases: arities, nesting, repeated variables, literals inside.
-module(tuple_match).
-export([run/0]).
-include("diff.hrl").

run() ->
    [m(T) || T <- [{}, {a}, {b}, {1, 1}, {1, 2}, {1, 1.0}, {{x, y}, {x, y}}, {{x, y}, {x, z}},
        {ok, {value, 5}}, {ok, {value, a}}, {ok, []}, {error, {reason, "text"}}, {1, 2, 3},
        {1, {2, {3, {4, {5}}}}}, {<<"bin">>, #{k => v}}, {a, b, c, d}, {a, b, c, e},
        {x, [1, {2, 3} | tail]}, not_tuple, [{a}]]].
m({}) -> empty;
m({a}) -> single_a;
m({X}) -> {single, X};
m({ok, {value, V}}) when is_integer(V) -> {int, V};
m({ok, {value, V}}) -> {other, V};
m({ok, []}) -> nil;
m({error, {reason, [H | _]}}) -> {first, H};
m({X, X}) -> {same, X};
m({{A, B}, {A, C}}) -> {pair, A, B, C};
m({1, {2, {3, {4, {N}}}}}) -> {deep, N};
m({1, X}) -> {one, X};
m({<<B:8, _/binary>>, #{k := V}}) -> {B, V};
m({x, [_, {P, Q} | T]}) -> {P, Q, T};
m({_, _, C}) -> {third, C};
m({_, _, _, e}) -> ends_e;
m(T) when is_tuple(T) -> {arity, tuple_size(T)};
m(_) -> none.
