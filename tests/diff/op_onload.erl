%% A module with an on_load function, run when the module is loaded and before any of its code.
-module(op_onload).
-export([run/0]).
-include("diff.hrl").

-on_load(init/0).
init() -> persistent_term:put(op_onload, loaded), ok.
run() ->
    [persistent_term:get(op_onload), erlang:module_loaded(?MODULE),
        persistent_term:erase(op_onload)].
