%% diff: full
%% on_load functions: ok keeps the module, anything else drops it; calls before it finishes wait.
-module(code_onload).
-export([run/0]).
-include("diff.hrl").

run() ->
    [try_(ok), try_("{error, no}"), try_("error(crash)"), try_("exit(bye)"), try_("throw(x)"),
        try_("begin put(seen, self()), ok end"), try_(with_fun("ok")), try_(with_fun("no"))].
%% The on_load function waits for a fun of its own in another process.
with_fun(Result) ->
    "begin S = self(), P = spawn(fun() -> S ! {self(), fun_ran} end), receive {P, fun_ran} -> "
        ++ Result ++ " end end".
try_(Body) when is_atom(Body) -> try_(atom_to_list(Body));
try_(Body) ->
    M = code_onload_tmp,
    B = mk("-module(code_onload_tmp). -export([f/0]). -on_load(init/0). init() -> " ++ Body
        ++ ". f() -> here."),
    R = code:load_binary(M, "m", B), X = [Body, R, ?TRY(M:f()), erlang:module_loaded(M),
        code:is_loaded(M)], code:purge(M), code:delete(M), code:purge(M), X.
mk(S) ->
    {ok, T, _} = erl_scan:string(S), {ok, _, B} = compile:forms([begin {ok,
        F} = erl_parse:parse_form(Ts), F end || Ts <- split(T, [])], []), B.
split([], []) -> [];
split([{dot, _} = D | T], A) -> [lists:reverse([D | A]) | split(T, [])];
split([X | T], A) -> split(T, [X | A]).
