%% Denormals, the smallest and largest values, negative zero as key, pattern and literal.
-module(float_special).
-export([run/0]).
-include("diff.hrl").

run() ->
    M = #{0.0 => pos}, [M, is_map_key(?ID(-0.0), M), is_map_key(?ID(0), M), z(?ID(-0.0)),
        z(?ID(0.0)), z(?ID(0)), ?ID(-0.0) =:= 0.0, ?ID(-0.0) == 0, -(?ID(0.0)), 0.0 * ?ID(-1),
        1.0e-308 / ?ID(10.0), 5.0e-324 / ?ID(2), 4.9e-324 + ?ID(0.0), 2.2250738585072011e-308,
        ?ID(1.0e308) * 1.0e-308, lists:member(-0.0, [?ID(0.0)]),
        erlang:phash2(0.0) =:= erlang:phash2(-0.0), term_to_binary(-0.0), float_to_list(-0.0),
        <<(-0.0)/float>>, abs(?ID(-0.0)), round(-0.4), trunc(-0.9),
        [X || X <- [0.1 + 0.2, 0.3, 1.0e16 + 1, 1 / 3 * 3]], 1.0 =:= ?ID(1), 1.0 == ?ID(1),
        {1.0} == {1}, [1.0] =:= [1]].
z(0.0) -> zero;
z(X) when X == 0 -> {eq, X};
z(_) -> other.
