%% diff: full
%% How whole exceptions are printed: classes, long terms, function clauses, nested calls.
-module(exc_text).
-export([run/0]).
-include("diff.hrl").

run() ->
    [?MSG(throw(x)), ?MSG(exit({shutdown, 1})), ?MSG(fc(?ID({a, "string", [1, 2, 3]}))),
        ?MSG(case ?ID(#{a => 1}) of b -> c end), ?MSG(1 = ?ID("two")), ?MSG(deep(12)),
        ?MSG(lists:map(?ID(notfun), [1])), ?MSG(lists:foldl(fun(X, _) -> X end, ?ID(0), ?ID(z))),
        ?MSG(error({big, diff_runner:seq(1, 200)})), ?MSG(no_mod:f()), ?MSG(lists:no_fun(1)),
        ?MSG((?ID(fun(X) -> X end))(1, 2)), ?MSG((?ID(#{}))#{a := 1}), ?MSG(<<(?ID(a))/integer>>),
        ?MSG(<<(?ID(1))/binary>>), ?MSG(<<(?ID(x))/utf8>>), ?MSG(<<(?ID(x))/float>>),
        ?MSG(<<1, (?ID(<<1:3>>))/binary>>), ?MSG(<<1, 2:(?ID(-8))>>), ?MSG(<<(?ID(16#d800))/utf8>>),
        ?MSG(if_(?ID(1))), ?MSG(error(undef, [1, 2])), ?MSG(error(badarg, none)),
        ?MSG(exit(normal)), ?MSG(try_(?ID(1)))].
fc(ok) -> 1.
deep(0) -> error(deep);
deep(N) -> {N, deep(N - 1)}.
if_(X) -> if X =:= 2 -> 1 end.
try_(X) -> try X of 2 -> 3 catch a -> b end.
