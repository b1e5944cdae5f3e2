%% Exceptions out of comprehensions, funs, folds, records, maps and binaries in the making.
-module(exc_lc).
-export([run/0]).
-include("diff.hrl").

run() ->
    [?TRACE([f(X) || X <- [1, 2, 3, 0]]), ?TRACE(#{a => f(1), b => f(0)}), ?TRACE({f(1), [f(0)]}),
        ?TRACE(<<(f(1)), (f(0))>>), ?TRACE((fun(X) -> f(X) end)(0)),
        ?TRACE([F(0) || F <- [fun f/1]]), ?TRACE(<< <<(f(X))>> || <<X>> <= <<1, 0>> >>),
        ?TRACE(case f(0) of X -> X end), ?TRACE(begin put(k, f(0)) end), ?TRACE(f(f(f(0)))),
        ?TRACE(self() ! f(0)), ?TRACE(f(0) + f(1))].
f(X) -> 10 div X.
