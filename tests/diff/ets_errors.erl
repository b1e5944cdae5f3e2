%% diff: full
%% The text of ETS errors.
-module(ets_errors).
-export([run/0]).
-include("diff.hrl").

run() ->
    E = ets:new(e, [named_table]), ets:insert(E, {a, 1}),
    [?MSG(F()) || F <- [fun() -> ets:lookup(?ID(nt), a) end, fun() -> ets:insert(E, ?ID({})) end,
        fun() -> ets:insert(E, ?ID([x])) end, fun() -> ets:lookup_element(E, ?ID(zz), 1) end,
        fun() -> ets:lookup_element(E, a, ?ID(9)) end, fun() -> ets:update_counter(E, ?ID(zz),
        1) end, fun() -> ets:update_counter(E, a, ?ID({1, 1})) end,
        fun() -> ets:update_element(E, a, ?ID({1, 1})) end, fun() -> ets:select(E, ?ID(x)) end,
        fun() -> ets:match(E, a, ?ID(0)) end, fun() -> ets:new(?ID(a), ?ID([{keypos, 0}])) end,
        fun() -> ets:new(?ID(a), ?ID(b)) end, fun() -> ets:next(E, ?ID(zz)) end,
        fun() -> ets:rename(E, ?ID(1)) end, fun() -> ets:give_away(E, ?ID(1), x) end,
        fun() -> ets:setopts(E, ?ID(q)) end, fun() -> ets:info(?ID(1)) end,
        fun() -> ets:info(E, ?ID(1)) end, fun() -> ets:delete(?ID(no)) end,
        fun() -> ets:tab2list(?ID("x")) end, fun() -> ets:whereis(?ID(1)) end,
        fun() -> ets:match_spec_compile(?ID(1)) end]].
