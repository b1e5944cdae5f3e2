%% The error_handler path: undefined functions end up in the process's own handler module.
-module(code_handler).
-export([run/0]).
-include("diff.hrl").

-export([undefined_function/3, undefined_lambda/3]).
undefined_function(M, F, A) -> {handled, M, F, A}.
undefined_lambda(M, _F, A) -> {lambda, M, A}.
run() ->
    Old = process_flag(error_handler, ?MODULE), R = [(?ID(no_mod_h)):f(1, 2),
        apply(no_mod_h, g, []), ?MODULE:not_here(x), (fun no_mod_h:z/1)(q), tail(5),
        {no_mod_h:k()}], process_flag(error_handler, Old),
    [Old, R, ?TRACE(no_mod_h:f(1)), diff_runner:in_process(fun() -> process_flag(error_handler,
        no_handler_mod), no_mod_h:f(3) end)].
tail(N) -> no_mod_h:tail(N).
