%% diff: full
%% Meta tracing, call counts and times, patterns for modules to come, and what trace_info says of all.
-module(trace_meta).
-export([run/0, f/1, g/2, slave/0, tracer/1]).
-include("diff.hrl").

f(X) -> g(X, 1).
g(X, Y) -> {X + Y}.

slave() -> receive {apply, From, F, A} -> From ! {result, catch apply(?MODULE, F, A)}, slave(); stop -> ok end.
tracer(Acc) -> receive {get, P} -> P ! {events, lists:reverse(Acc)}, tracer([]); M -> tracer([M | Acc]) end.

call(P, F, A) -> P ! {apply, self(), F, A}, receive {result, {'EXIT', {R, _}}} -> {'EXIT', R}; {result, R} -> R end.
%% What the tracer has got once the slave waits for its next call.
events(T, P) ->
    case process_info(P, status) of
        {status, waiting} ->
            R = erlang:trace_delivered(P),
            receive {trace_delivered, P, R} -> ok end,
            T ! {get, self()},
            receive {events, E} -> [norm(X) || X <- E] end;
        _ -> erlang:yield(), events(T, P)
    end.
norm(T) when element(1, T) =:= trace_ts -> [Last | Rest] = lists:reverse(tuple_to_list(T)),
    [if is_pid(X) -> pid; true -> X end || X <- lists:reverse(Rest)] ++ [tuple_size(Last)];
norm(T) -> [if is_pid(X) -> pid; true -> X end || X <- tuple_to_list(T)].
info(F, A) -> erlang:trace_info({?MODULE, F, A}, all).
sub(L, Ps) -> [case lists:member(X, Ps) of true -> {pid, 1}; false -> X end || X <- L].
info_norm({all, L}) when is_list(L) -> [case X of {meta, T} when is_pid(T) -> {meta, pid};
    {call_time, R} when is_list(R) -> {call_time, lists:sort([C || {_, C, _, _} <- R])}; _ -> X end || X <- L];
info_norm(X) -> X.

code(Name, Body) ->
    Forms = [{attribute, 1, module, Name}, {attribute, 1, export, [{a, 1}]} | Body],
    {ok, Name, Bin} = compile:forms(Forms), Bin.
fn(N, V) -> {function, 1, N, 1, [{clause, 1, [{var, 1, 'X'}], [], [{tuple, 1, [{atom, 1, V}, {var, 1, 'X'}]}]}]}.

run() ->
    P = spawn_link(?MODULE, slave, []),
    _ = call(P, f, [0]),
    T = spawn_link(?MODULE, tracer, [[]]),
    RT = [{'_', [], [{return_trace}]}],
    ET = [{'_', [], [{exception_trace}]}],
    M1 = [erlang:trace_pattern({?MODULE, f, 1}, true, [{meta, T}]),
        erlang:trace_pattern({?MODULE, g, 2}, RT, [{meta, T}]),
        info_norm(info(f, 1)), info_norm(info(g, 2)), erlang:trace_info({?MODULE, f, 1}, meta) =:= {meta, T}],
    M2 = [call(P, f, [1]), call(P, f, [x]), events(T, P)],
    erlang:trace_pattern({?MODULE, g, 2}, ET, [{meta, T}]),
    M3 = [call(P, f, [1]), call(P, f, [x]), events(T, P)],
    erlang:trace_pattern({?MODULE, g, 2}, [{[1, '_'], [], [{message, {{one, {caller}}}}]},
        {'_', [], [{message, false}]}], [{meta, T}]),
    M4 = [call(P, f, [1]), call(P, f, [2]), events(T, P)],
    erlang:trace(P, true, [call, {tracer, T}]),
    erlang:trace_pattern({?MODULE, '_', '_'}, RT, [local]),
    M5 = [call(P, g, [1, 2]), [X || X <- events(T, P)], info_norm(info(g, 2))],
    M6 = [erlang:trace_pattern({?MODULE, '_', '_'}, false, [local]), info_norm(info(g, 2)),
        erlang:trace_pattern({?MODULE, '_', '_'}, false, [meta]), info_norm(info(g, 2))],
    C1 = [erlang:trace_pattern({?MODULE, g, 2}, true, [call_count]), call(P, f, [1]), call(P, f, [2]),
        erlang:trace_info({?MODULE, g, 2}, call_count),
        erlang:trace_pattern({?MODULE, g, 2}, pause, [call_count]), call(P, f, [1]),
        erlang:trace_info({?MODULE, g, 2}, call_count),
        erlang:trace_pattern({?MODULE, g, 2}, restart, [call_count]), call(P, f, [1]),
        erlang:trace_info({?MODULE, g, 2}, call_count), erlang:trace_info({?MODULE, f, 1}, call_count),
        erlang:trace_pattern({?MODULE, f, 1}, restart, [call_count]), erlang:trace_info({?MODULE, f, 1}, call_count),
        erlang:trace_pattern({?MODULE, g, 2}, true, [call_count]), erlang:trace_info({?MODULE, g, 2}, call_count)],
    C2 = [erlang:trace_pattern({?MODULE, g, 2}, true, [call_time]), call(P, f, [1]), call(P, f, [2]),
        case erlang:trace_info({?MODULE, g, 2}, call_time) of {call_time, [{P, N, S, U}]} when is_integer(S),
            is_integer(U) -> N; O -> O end, info_norm(info(g, 2)),
        erlang:trace_pattern({?MODULE, g, 2}, restart, [call_time]), erlang:trace_info({?MODULE, g, 2}, call_time),
        erlang:trace_pattern({?MODULE, '_', '_'}, true, [global]), info_norm(info(g, 2)), info_norm(info(f, 1)),
        erlang:trace_pattern({?MODULE, '_', '_'}, false, [global]), info_norm(info(f, 1)),
        info_norm(erlang:trace_info({?MODULE, nosuch, 1}, all)), erlang:trace_info({nomod, f, 1}, traced),
        erlang:trace_pattern({?MODULE, '_', '_'}, true, [local, call_count, call_time]), info_norm(info(f, 1)),
        erlang:trace_pattern({?MODULE, '_', '_'}, false, [local, call_count, call_time, meta])],
    B1 = code(trace_meta_tmp, [fn(a, one)]), B2 = code(trace_meta_tmp, [fn(a, two)]),
    Keys = [traced, match_spec, meta, meta_match_spec, call_count, call_time, all],
    L1 = [erlang:trace_info(on_load, K) || K <- Keys],
    L2 = [erlang:trace_pattern(on_load, true, [local]), [erlang:trace_info(on_load, K) || K <- Keys]],
    {module, _} = code:load_binary(trace_meta_tmp, "x", B1),
    L3 = [erlang:trace_info({trace_meta_tmp, a, 1}, traced), erlang:trace_pattern(on_load, RT, [call_count, local]),
        [erlang:trace_info(on_load, K) || K <- Keys]],
    {module, _} = code:load_binary(trace_meta_tmp, "x", B2),
    L4 = [info_norm(erlang:trace_info({trace_meta_tmp, a, 1}, all)), trace_meta_tmp:a(1),
        erlang:trace_info({trace_meta_tmp, a, 1}, call_count),
        erlang:trace_pattern(on_load, false, [local]), [erlang:trace_info(on_load, K) || K <- Keys],
        erlang:trace_pattern(on_load, false, [call_count]), [erlang:trace_info(on_load, K) || K <- Keys],
        erlang:trace_pattern(on_load, true, [global]), [erlang:trace_info(on_load, K) || K <- Keys],
        erlang:trace_pattern(on_load, false, [global])],
    code:purge(trace_meta_tmp), code:delete(trace_meta_tmp), code:purge(trace_meta_tmp),
    L5 = erlang:trace_info({trace_meta_tmp, a, 1}, traced),
    Bad = [?TRY(erlang:trace_pattern({?MODULE, f, 1}, true, [bogus])),
        ?TRY(erlang:trace_pattern({?MODULE, f, 1}, [bad], [local])),
        ?TRY(erlang:trace_pattern({?MODULE, f, 1}, true, [global, local])),
        ?TRY(erlang:trace_pattern({?MODULE, f, 1}, true, [local, global])),
        ?TRY(erlang:trace_pattern({?MODULE, f, 1}, RT, [call_count])),
        ?TRY(erlang:trace_pattern({?MODULE, '_', 1}, true, [])),
        ?TRY(erlang:trace_pattern({?MODULE, 1, 1}, true, [])),
        ?TRY(erlang:trace_pattern({?MODULE, f, 1}, true, [{meta, foo}])),
        ?TRY(erlang:trace_pattern({?MODULE, f, 1}, true, bad)), ?TRY(erlang:trace_pattern(send, true, [local])),
        ?TRY(erlang:trace_pattern(foo, true, [])), ?MSG(erlang:trace_pattern({?MODULE, f, 1}, [x], [])),
        ?MSG(erlang:trace_pattern({?MODULE, f, 1}, true, [x])), ?MSG(erlang:trace(self(), true, [x])),
        ?MSG(erlang:trace(foo, true, [])), ?MSG(erlang:trace_info(foo, flags)), ?MSG(erlang:trace_info(self(), foo)),
        ?TRY(erlang:trace_info({?MODULE, f}, traced)), ?TRY(erlang:trace_info({?MODULE, f, 1}, foo))],
    P ! stop, unlink(T), exit(T, kill),
    [M1, M2, M3, M4, M5, M6, C1, C2, L1, L2, L3, L4, L5, Bad].
