%% Functions declared as native whose library is never loaded run their Erlang bodies.
-module(op_nif).
-export([run/0]).
-include("diff.hrl").

-nifs([f/1, g/0]).
-export([f/1, g/0]).
f(X) -> {erlang_body, X}.
g() -> erlang:nif_error(not_loaded).
run() ->
    [f(1), ?TRACE(g()), ?TRACE(erlang:nif_error({?ID(x)}, [a])),
        element(1, ?ID(erlang:load_nif("/nonexistent/lib", 0))),
        element(1, element(2, erlang:load_nif("/nonexistent/lib", 0))),
        ?TRY(erlang:load_nif(?ID(a), 0)), ?MODULE:module_info(nifs)].
