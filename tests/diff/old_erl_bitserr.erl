%% Stack traces of construction failures in code compiled without bs_create_bin.
-module(old_erl_bitserr).
-export([run/0]).
-include("diff.hrl").

-compile([no_bs_create_bin, no_type_opt]).
run() ->
    [?TRACE(a(?ID(x))), ?TRACE(b(?ID(<<1:3>>))), ?TRACE(c(?ID(-1))), ?TRACE(d(?ID(<<1>>), ?ID(2))),
        ?TRACE(e(?ID(16#d800))), ?TRACE(f(?ID(1.5), ?ID(33)))].
a(X) -> <<X:8>>.
b(X) -> <<X/binary, 0>>.
c(X) -> <<0:X>>.
d(X, N) -> <<X:N/binary>>.
e(X) -> <<X/utf8>>.
f(X, N) -> <<X:N/float>>.
