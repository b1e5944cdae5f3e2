%% The three classes raised and caught in each direct way.
-module(exc_basic).
-export([run/0]).
-include("diff.hrl").

run() ->
    [?TRY(throw(?ID(x))), ?TRY(exit(?ID(x))), ?TRY(erlang:error(?ID(x))),
        ?TRY(error(?ID(x), [1, 2])), ?TRY(error(?ID(badarg))), (catch throw(a)), (catch exit(a)),
        pick(catch error(a)), (catch 1 + 1),
     try throw(a) catch throw:a -> one; throw:b -> two end, try throw(b) catch throw:a -> one;
         _ -> two end, try exit(b) catch exit:X -> {got, X} end,
     ?TRY(try throw(z) catch throw:a -> one end), ?TRY(try error(z) catch throw:a -> one end),
     try ok of ok -> fine catch _:_ -> bad end,
     ?TRY(try ?ID(zz) of ok -> fine catch _:_ -> bad end),
     ?TRY(try ?ID(ok) of ok -> throw(from_of) catch throw:from_of -> caught end),
     ?TRY(case ?ID(a) of b -> c end), ?TRY(if_fail(?ID(1))), ?TRY(match(?ID(1))), ?TRY(fc(?ID(q))),
     ?TRY((fun(a) -> 1 end)(?ID(b))), ?TRY((?ID(notfun))()), ?TRY((?ID(fun(_) -> ok end))()),
     ?TRY(nomod:nofun(1)), ?TRY(?ID(1)(2)), ?TRY(apply(?ID(m), f, ?ID(a))),
     ?TRY(apply(?ID(lists), ?ID(reverse), [1 | 2])), ?TRY(exc_basic:nope())].
pick({'EXIT', {a, [{M, F, A, _} | _]}}) -> {M, F, A}.
if_fail(X) -> if X =:= 2 -> ok end.
match(X) -> 2 = X.
fc(a) -> 1;
fc(b) -> 2.
