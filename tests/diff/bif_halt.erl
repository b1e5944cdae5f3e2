%% diff: alone
%% A module that ends by starting other nodes is not needed to know what halt refuses.
-module(bif_halt).
-export([run/0]).
-include("diff.hrl").

run() ->
    [?TRY(halt(?ID(-1))), ?TRY(halt(?ID(a))), ?TRY(halt(?ID(1.5))), ?TRY(halt(1, ?ID(a))),
        ?TRY(halt(1, ?ID([bad]))), ?TRY(halt(1, ?ID([{flush, x}]))), ?TRY(halt(?ID([1 | 2])))].
