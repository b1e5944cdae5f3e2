%% Machine code that finds its own room on the heap: floats made by arithmetic on registers, maps with other
%% values; what is not finite, no float, not there or has no room is the interpreter's. And sizes.
%% diff: full
%% diff: flags --backend=jit --jit-threshold=0
-module(jit_heap).
-export([run/0]).
-include("diff.hrl").

run() ->
    [[?TRY(two(Op, A, B)) || Op <- ['+', '-', '*', '/', mixed], A <- numbers(), B <- numbers()],
        sums(20000, 0.5, []),
        [[?TRY(put(N, M, V)) || N <- lists:seq(1, 7)] || M <- maps() ++ maps(), V <- [1, new]],
        [same(M) || M <- [#{a => 1, b => 2, c => 3}, #{c => 0, b => 2, a => 1}]],
        turned(20000, #{a => 0, b => [], c => {}}), [{?TRY(byte_size(S)), ?TRY(map_size(S)), small(S)} || S <- sized()]].

numbers() -> [0.0, -0.0, 1.5, -2.25, 1.0e308, -1.7e308, 5.0e-324, 3, -7, 1 bsl 70, a, [], {1.0}].

two('+', A, B) -> A + B;
two('-', A, B) -> A - B;
two('*', A, B) -> A * B;
two('/', A, B) -> A / B;
two(mixed, A, B) when A + B > 0 -> (A * B + 1) - B * 0.5;
two(mixed, A, B) -> {A - B, float(A) + 1.0}.

%% Without a float register among them, and with collections in between.
sums(0, _, Acc) -> erlang:phash2(Acc);
sums(N, X, Acc) -> sums(N - 1, step(X, 1.0e-3), [X | Acc]).
step(X, D) -> X + D * D - D.

maps() ->
    [#{}, #{a => 1}, #{a => 1, b => 2, c => 3}, #{c => 1, b => 1, a => 1}, #{0 => z, a => 1, c => 3, b => 1},
        maps:from_list([{K, K} || K <- [a, b, c | lists:seq(1, 29)]]), maps:from_list([{K, K} || K <- [a, b, c | lists:seq(1, 60)]]),
        #{"key" => 1, <<"k">> => 2, a => 1}, not_a_map].

put(1, M, V) -> show(M#{a := V});
put(2, M, V) -> show(M#{a => V});
put(3, M, V) -> show(M#{a := V, b := V, c := [V | V]});
put(4, M, V) -> show(M#{b => {V, M =:= V}, a => V});
put(5, M, V) -> show(M#{"key" := V, <<"k">> := V});
put(6, M, V) -> K = ?ID(b), show(M#{K := V, a => K});
put(7, M, V) -> show((M#{a := V})#{a := 1}).

%% Atoms have no fixed place in large maps.
show(M) when map_size(M) > 32 -> [map_size(M) | [maps:find(K, M) || K <- [a, b, c, 17]]];
show(M) -> M.

same(M) -> [M#{a := 1} =:= M, M#{a := 1, b := 2}, M#{a := 1.0}, M#{b := 2, c := 3}].

turned(0, M) -> M;
turned(N, #{a := A, b := B} = M) -> turned(N - 1, M#{a := A + N, b := short(N, B), c := {N}}).
short(N, _) when N rem 100 =:= 0 -> [];
short(N, L) -> [N | L].

sized() ->
    All = <<0:4096>>,
    <<_:3, P:17/bits, Q:80/binary, _/bits>> = All,
    [<<>>, <<1>>, <<1:1>>, <<1:9>>, All, P, Q, #{}, #{a => b}, maps:from_keys(lists:seq(1, 32), x), maps:from_keys(lists:seq(1, 33), x),
        a, 1, 1.0, [], {}, 1 bsl 80].
small(S) when byte_size(S) < 10 -> bytes;
small(S) when map_size(S) < 10 -> map;
small(_) -> neither.
