%% The reason term of each kind of failure that the language itself raises.
-module(exc_errors).
-export([run/0]).
-include("diff.hrl").

-record(rec, {a}).
run() ->
    [?TRY(F()) || F <- [fun() -> 1 = ?ID(2) end, fun() -> case ?ID(x) of y -> 1 end end,
        fun() -> if_(?ID(x)) end, fun() -> fc(?ID(1), ?ID(2)) end,
        fun() -> (?ID(fun(a) -> 1 end))(z) end, fun() -> (?ID(fun() -> 1 end))(1) end,
        fun() -> (?ID(5))(1) end, fun() -> try ?ID(1) of 2 -> 3 catch _ -> 4 end end,
      fun() -> #{a := _} = ?ID(#{}) end, fun() -> (?ID(a))#{k => 1} end,
      fun() -> (?ID(#{}))#{k := 1} end, fun() -> #{k := V} = ?ID(notmap), V end,
      fun() -> (?ID(x))#rec.a end, fun() -> <<_:16>> = ?ID(<<1>>) end, fun() -> <<(?ID(a)):8>> end,
      fun() -> <<1:(?ID(-1))>> end, fun() -> <<1:(?ID(a))>> end,
      fun() -> ?ID(a) andalso true end, fun() -> ?ID(1) orelse true end,
      fun() -> ?ID(a) and true end, fun() -> true or ?ID(1) end, fun() -> not ?ID(1) end,
      fun() -> true xor ?ID(q) end, fun() -> [X || X <- [1], ?ID(2)] end,
      fun() -> [X || X <- ?ID(z)] end, fun() -> spawn(?ID(a)) end, fun() -> ?ID(a) ! x end,
      fun() -> ?ID(1) ! x end, fun() -> ?ID({n, m, o}) ! x end,
      fun() -> apply(?ID(a), []) end, fun() -> apply(fun(X) -> X end, ?ID([1, 2])) end,
      fun() -> apply(fun(X) -> X end, ?ID([1 | 2])) end,
      fun() -> apply(?ID(erlang), ?ID(abs), ?ID(-1)) end, fun() -> (?ID(erlang)):(?ID(abs))(-4) end,
      fun() -> (?ID(1)):f() end, fun() -> m:(?ID("f"))() end, fun() -> maps:get(z, ?ID(#{})) end,
      fun() -> maps:get(z, ?ID(1)) end, fun() -> binary_to_atom(?ID(<<255>>)) end]].
if_(X) -> if X -> 1; X =:= 3 -> 2 end.
fc(a, b) -> 1.
