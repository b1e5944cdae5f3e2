%% fun M:F/A values: made, compared, called, inspected; before and without the function existing.
-module(fun_export).
-export([run/0]).
-include("diff.hrl").

-export([f/0, f/1]).
f() -> zero.
f(X) -> {one, X}.
run() ->
    F = fun fun_export:f/1, G = fun ?MODULE:f/0, M = ?ID(fun_export), H = fun M:f/1,
    N = fun no_mod:no_fun/3,
    [F(1), G(), H(2), F =:= H, F == G, F < G, H =:= fun fun_export:f/1, ?TRACE(N(1, 2, 3)),
        is_function(N, 3), is_function(N, 2), erlang:fun_info(F), erlang:fun_info(N),
        fun erlang:abs/1, (fun erlang:abs/1)(-3), ?TRY(absf(x)), ?TRY(F()),
        ?TRY(mkf(M, ?ID("f"), 1)), ?TRY(mkf(M, f, ?ID(-1))), ?TRY(mkf(M, f, ?ID(256))),
        ?TRY(mkf(?ID(1), f, 1)), erlang:make_fun(a, b, 3), ?TRY(erlang:make_fun(a, b, ?ID(c))),
        erlang:fun_to_list(F), erlang:fun_to_list(N), erlang:fun_to_list(fun 'A b':'c d'/2),
        fun lists:map/2, {fun f/1 =:= F, (fun f/1)(9)}, erlang:phash2(F), erlang:phash2(N),
        erlang:is_builtin(erlang, abs, 1), erlang:is_builtin(lists, map, 2),
        erlang:is_builtin(no, no, 0), erlang:function_exported(?MODULE, f, 1),
        erlang:function_exported(?MODULE, f, 2), erlang:function_exported(no, f, 2),
        erlang:function_exported(erlang, abs, 1)].
absf(X) -> (fun erlang:abs/1)(X).
mkf(M, F, A) -> fun M:F/A.
