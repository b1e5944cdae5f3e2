%% system_limit where an integer would become absurdly large; memory is not touched before that.
-module(big_limits).
-export([run/0]).
-include("diff.hrl").

run() ->
    [?TRY(?ID(1) bsl ?ID(1 bsl 40)), ?TRY(?ID(-1) bsl ?ID(1 bsl 62)),
        ?TRY(?ID(1 bsl 64) bsl ?ID(1 bsl 64)), ?TRY(?ID(1) bsr ?ID(-(1 bsl 62))),
        ?TRY(?ID(0) bsl ?ID(1 bsl 62)),
     ?TRY(float(?ID(1 bsl 1024))), ?TRY(?ID(1 bsl 1024) / ?ID(1)),
     ?TRY(?ID(1 bsl 2000) / ?ID(1 bsl 1999)), ?TRY(?ID(1) / ?ID(1 bsl 1030)),
     ?TRY(?ID(1 bsl 1024) * ?ID(1.0)), ?TRY(?ID(1 bsl 1024) + ?ID(1.0))].
