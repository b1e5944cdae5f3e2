%% diff: full
%% Loading: bad files, wrong names, on_load success and failure, module_info, md5, exports.
-module(code_load).
-export([run/0]).
-include("diff.hrl").

run() ->
    {M, B} = mk("-module(code_load_a). -export([f/0, g/1]). -vsn(7). -author(me). f() -> 1. g(X) -> {X, h(X)}. h(X) -> X."),
    A = [code:load_binary(M, "x.beam", B), M:f(), M:g(2), lists:sort(M:module_info(exports)),
        lists:sort(M:module_info(functions)), M:module_info(attributes), M:module_info(module),
        is_binary(M:module_info(md5))],
    {W, WB} = mk("-module(code_load_w). -export([f/0]). f() -> w."),
    C = [code:load_binary(M, "x", <<>>), code:load_binary(M, "x", <<"FOR1">>),
        code:load_binary(M, "x", binary:part(B, 0, 100)), code:load_binary(M, "x", WB),
        code:load_binary(W, "w", WB), W:f(), ?TRY(code:load_binary(W, "w", ?ID(a))),
        code:load_file(no_such_module_zz), code:ensure_loaded(no_such_module_zz),
        code:ensure_loaded(lists), code:which(W), code:is_loaded(W), M:f()],
    D = [code:purge(M), code:delete(M), ?TRY(M:f()), code:delete(M), code:purge(M),
        code:is_loaded(M)],
    code:purge(W), code:delete(W), code:purge(W),
    [A, C, D].
mk(S) ->
    {ok, T, _} = erl_scan:string(S), {ok, M, B} = compile:forms([begin {ok,
        F} = erl_parse:parse_form(Ts), F end || Ts <- split(T, [])], []), {M, B}.
split([], []) -> [];
split([{dot, _} = D | T], A) -> [lists:reverse([D | A]) | split(T, [])];
split([X | T], A) -> split(T, [X | A]).
