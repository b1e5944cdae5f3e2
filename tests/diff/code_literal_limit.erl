%% diff: full
%% Literals of purged code that a process keeps count towards its max_heap_size.
-module(code_literal_limit).
-export([run/0]).
-include("diff.hrl").

run() -> [ends(#{size => 1024, kill => true, error_logger => false}), ends(#{size => 100000, kill => true, error_logger => false})].

ends(Max) ->
    M = code_literal_limit_x,
    {ok, Ts, _} = erl_scan:string("f() -> " ++ lists:flatten(io_lib:format("~w", [lists:seq(1, 5000)])) ++ "."),
    {ok, F} = erl_parse:parse_form(Ts),
    {ok, M, Code} = compile:forms([{attribute, 1, module, M}, {attribute, 1, export, [{f, 0}]}, F]),
    {module, M} = code:load_binary(M, "x", Code), Self = self(),
    {P, R} = spawn_opt(fun() -> V = M:f(), Self ! started, receive go -> exit({kept, length(V)}) end end, [monitor, {max_heap_size, Max}]),
    receive started -> ok end, code:delete(M), code:purge(M),
    if map_get(size, Max) > 10000 -> P ! go; true -> ok end,
    receive {'DOWN', R, process, P, Why} -> Why after 5000 -> timeout end.
