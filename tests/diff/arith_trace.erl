%% Stack traces of failed arithmetic: module, function, arguments, file and line.
-module(arith_trace).
-export([run/0]).
-include("diff.hrl").

run() ->
    [?TRACE(add(?ID(a), 1)), ?TRACE(add(1, ?ID(b))), ?TRACE(?ID(1) div ?ID(0)),
        ?TRACE(?ID(1) rem ?ID(0)),
     ?TRACE(?ID(1) / ?ID(0)), ?TRACE(?ID(1.0) / ?ID(0.0)), ?TRACE(deep(10)), ?TRACE(bnot ?ID(x)),
     ?TRACE(-?ID(x)),
     ?TRACE(abs(?ID(x))), ?TRACE(?ID(1 bsl 80) bsl ?ID(x)), ?TRACE(?ID(1) band ?ID(1.0))].
add(A, B) -> A + B.
deep(0) -> ?ID(0) + ?ID(nope);
deep(N) -> 1 + deep(N - 1).
