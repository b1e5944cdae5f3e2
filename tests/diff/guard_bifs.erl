%% Every guard BIF in guards with good and bad arguments: failure means the clause is not taken.
-module(guard_bifs).
-export([run/0]).
-include("diff.hrl").

run() ->
    Vs = [0, -1, 1.5, a, true, [], [1], [1 | 2], {}, {a, b}, <<>>, <<1, 2>>, <<1:3>>, #{},
        #{a => 1}, fun() -> ok end, fun(_) -> ok end, 1 bsl 70],
    [{V, [g(N, V) || N <- diff_runner:seq(1, 26)]} || V <- Vs]
        ++ [[types(V) || V <- Vs ++ [self(), make_ref(), 'true', false]]].
g(1, X) when abs(X) >= 0 -> y;
g(2, X) when bit_size(X) >= 0 -> y;
g(3, X) when byte_size(X) >= 0 -> y;
g(4, X) when element(1, X) =:= a -> y;
g(5, X) when float(X) == X -> y;
g(6, X) when hd(X) =:= 1 -> y;
g(7, X) when tl(X) =/= x -> y;
g(8, X) when length(X) >= 0 -> y;
g(9, X) when map_size(X) >= 0 -> y;
g(10, X) when map_get(a, X) =:= 1 -> y;
g(11, X) when round(X) >= -1 -> y;
g(12, X) when trunc(X) >= -1 -> y;
g(13, X) when ceil(X) >= -1 -> y;
g(14, X) when floor(X) >= -1 -> y;
g(15, X) when size(X) >= 0 -> y;
g(16, X) when tuple_size(X) >= 0 -> y;
g(17, X) when node(X) =:= node() -> y;
g(18, X) when self() =:= X; X =:= a -> y;
g(19, X) when is_map_key(a, X) -> y;
g(20, X) when binary_part(X, 0, 1) =:= <<1>> -> y;
g(21, X) when X + 1 > 0 -> y;
g(22, X) when X div 2 =< 0 -> y;
g(23, X) when -X >= -100 -> y;
g(24, X) when not X -> y;
g(25, X) when X and true; X or false -> y;
g(26, X) when X band 1 =:= 0, bnot X =/= x -> y;
g(_, _) -> n.
types(X) ->
    [is_atom(X), is_binary(X), is_bitstring(X), is_boolean(X), is_float(X), is_function(X),
        is_function(X, 1), is_integer(X), is_list(X), is_map(X), is_number(X), is_pid(X),
        is_port(X), is_reference(X), is_tuple(X), is_record(X, ?ID(a)), is_record(X, a, 2)].
