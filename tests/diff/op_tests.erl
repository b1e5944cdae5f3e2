%% Type tests and comparisons as guards on unknown values: each becomes its own instruction.
-module(op_tests).
-export([run/0]).
-include("diff.hrl").

run() ->
    [{tag(V), [g(N, V) || N <- diff_runner:seq(1, 24)]}
        || V <- [1, 1.5, a, true, [], [a], {a}, {a, b}, <<>>, <<1:1>>, #{}, fun() -> 1 end,
        fun(_, _) -> 1 end, self(), make_ref(), 1 bsl 80]]
        ++ [skip16(<<"añ😀z"/utf16>>), skip16(<<"az"/utf16-big>>), skip32(<<"añz"/utf32-little>>),
        skip32(<<0>>)].
tag(V) when is_pid(V) -> pid;
tag(V) when is_reference(V) -> ref;
tag(V) when is_function(V) -> f;
tag(V) -> V.
g(1, X) when is_pid(X) -> y;
g(2, X) when is_reference(X) -> y;
g(3, X) when is_port(X) -> y;
g(4, X) when is_list(X) -> y;
g(5, X) when is_function(X) -> y;
g(6, X) when is_function(X, 2) -> y;
g(7, X) when X /= 1 -> y;
g(8, X) when X == 1.0 -> y;
g(9, X) when X =/= a -> y;
g(10, X) when is_boolean(X) -> y;
g(11, X) when is_number(X) -> y;
g(12, X) when is_bitstring(X) -> y;
g(13, X) when is_binary(X) -> y;
g(14, X) when is_map(X) -> y;
g(15, X) when X < a -> y;
g(16, X) when X >= {a} -> y;
g(17, X) when is_tuple(X), tuple_size(X) =:= 2 -> y;
g(18, [_ | _]) -> y;
g(19, []) -> y;
g(20, X) when not is_atom(X) -> y;
g(21, X) when is_function(X, 0); is_pid(X) -> y;
g(22, X) when X =< 1 -> y;
g(23, X) when is_float(X) -> y;
g(24, X) when is_integer(X) -> y;
g(_, _) -> n.
skip16(<<_/utf16, _/utf16, R/binary>>) -> R;
skip16(_) -> short.
skip32(<<_/utf32-little, R/binary>>) -> R;
skip32(_) -> short.
