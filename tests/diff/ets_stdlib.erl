%% diff: full
%% The Erlang half of ets: fun2ms at run time, test_ms, tab2file, tables to lists, match spec run.
-module(ets_stdlib).
-export([run/0]).
-include("diff.hrl").

-include_lib("stdlib/include/ms_transform.hrl").
run() ->
    E = ets:new(t, [ordered_set]), ets:insert(E, [{I, I * I, atom} || I <- lists:seq(1, 10)]),
    MS = ets:fun2ms(fun({K, V, _}) when K > 3, V < 60 -> {K, [V]} end),
    C = ets:match_spec_compile(MS),
    [MS, ets:select(E, MS), ets:test_ms({5, 25, x}, MS), ets:test_ms({1, 1, x}, MS),
        ets:match_spec_run(ets:tab2list(E), C), ets:is_compiled_ms(C), ets:is_compiled_ms(x),
        ets:foldl(fun({K, _, _}, A) -> K + A end, 0, E)].
