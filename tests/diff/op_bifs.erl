%% BIFs with none to many arguments, in bodies and guards, their results used at once.
-module(op_bifs).
-export([run/0]).
-include("diff.hrl").

run() ->
    T = ?ID({a, b, {c}}), L = ?ID([3, 1, 2]), M = ?ID(#{x => 1}),
    [element(1, element(3, T)), hd(tl(L)) + length(L), tuple_size(T) * map_size(M),
        setelement(1, T, hd(L)), abs(hd(L) - 10), float(hd(L)) + round(2.6),
        map_get(x, M) + byte_size(<<1, 2>>), max(hd(L), min(1, 2)),
        is_map_key(x, M) andalso is_map_key(y, M), self() =:= self(), node() =:= node(self()),
        (fun() when length(L) > 2, element(1, T) =:= a -> ok end)(),
        binary_part(<<"hello">>, hd(L), 2), bit_size(<<1:5>>), trunc(3.7) - ceil(0.2) + floor(-0.5),
        get(nokey), erlang:is_record(T, a, 3), list_to_tuple(L), integer_to_list(length(L)),
        erlang:'=:='(1, ?ID(1)), erlang:'++'(L, [x]), erlang:'!'(self(), m),
        erlang:'not'(?ID(true)), erlang:'and'(?ID(true), ?ID(false)), erlang:'<'(1, ?ID(2)),
        erlang:'bsl'(1, ?ID(4)), erlang:'--'(L, [1]), erlang:'/'(?ID(3), 2)] ++ diff_runner:flush()
        ++ [?TRACE(F()) || F <- [fun() -> erlang:'+'(?ID(a), 1) end,
        fun() -> erlang:hd(?ID([])) end, fun() -> erlang:'and'(?ID(1), true) end,
        fun() -> erlang:'--'(?ID(a), []) end, fun() -> erlang:element(?ID(0), {}) end,
        fun() -> apply(erlang, 'div', [1, 0]) end, fun() -> erlang:setelement(4, T, x) end,
        fun() -> erlang:tuple_to_list(?ID(a)) end]].
