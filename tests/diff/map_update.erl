%% Several keys updated at once, exact and not, duplicates, errors part of the way, shared key tuples.
-module(map_update).
-export([run/0]).
-include("diff.hrl").

run() ->
    M = ?ID(#{a => 1, b => 2, c => 3}), L = big(50),
    [M#{a := 1, b := 2}, M#{a => x, d => y, a => z}, M#{z => 1, y => 2, x => 3},
        ?TRY(M#{a := 1, zz := 2, b := 3}), ?TRY(M#{a => 1, zz := 2}),
        L#{1 := a, 50 := b, 25 := c} =:= L, maps:get(25, L#{1 := a, 50 := b, 25 := c}),
        ?TRY(L#{1 := a, 51 := b}), map_size(L#{51 => a, 52 => b, 1 => c}),
        (M#{a := ?ID(q)})#{b := r}, loop(M, 10), upd(M, b), ?TRY(upd(M, z)),
        #{?ID(k) => 1, ?ID(k) => 2}, #{?ID(k) => 1, k => 2}, M#{?ID(a) := 7, ?ID(n) => 8},
        ?TRACE(M#{?ID(n) := 8}), ?TRACE((?ID(1))#{a => 1}), #{{1, ?ID(2)} => 1, [?ID(3)] => 2},
        #{M => M}].
big(N) -> big(N, #{}).
big(0, M) -> M;
big(N, M) -> big(N - 1, M#{N => N}).
loop(M, 0) -> M;
loop(M = #{a := A}, N) -> loop(M#{a := A + N, {k, N} => A}, N - 1).
upd(M, K) -> #{K := V} = M, M#{K := {V, V}}.
