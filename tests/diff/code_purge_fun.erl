%% diff: full
%% A fun whose code is being purged: who calls it waits until it is known whether the code stays.
-module(code_purge_fun).
-export([run/0]).
-include("diff.hrl").

run() -> [purged(), kept(), again()].

module() ->
    {ok, Ts, _} = erl_scan:string("-module(code_purge_fun_x). -export([f/1]). f(N) -> fun(X) -> X + N end."),
    Forms = [begin {ok, F} = erl_parse:parse_form(Form), F end || Form <- forms(Ts)],
    {ok, M, Code} = compile:forms(Forms), {M, Code}.
forms([]) -> [];
forms(Ts) -> {F, [Dot | Rest]} = lists:splitwith(fun(T) -> element(1, T) =/= dot end, Ts), [F ++ [Dot] | forms(Rest)].

load() -> {M, Code} = module(), {module, M} = code:load_binary(M, "x", Code), M.
about(F) -> [erlang:fun_info(F, name), erlang:fun_info_mfa(F), erlang:fun_info(F, arity)].

call(F) ->
    {P, R} = spawn_monitor(fun() -> exit({returned, F(1)}) end),
    suspended(P, 200), {P, R, process_info(P, [status, current_function])}.
suspended(_, 0) -> ok;
suspended(P, N) ->
    case process_info(P, status) of
        {status, waiting} -> receive after 5 -> suspended(P, N - 1) end;
        {status, suspended} -> ok;
        undefined -> ok;
        _ -> receive after 5 -> suspended(P, N - 1) end
    end.
down({P, R, Info}) ->
    receive {'DOWN', R, process, P, {undef, [{_, F, A, _} | _]}} -> {Info, undef, F, length(A)};
            {'DOWN', R, process, P, Why} -> {Info, Why} after 5000 -> timeout end.

test(M, Kind, Meanwhile) ->
    F = M:f(?ID(10)), true = code:delete(M), Ref = make_ref(),
    B = about(F), erts_code_purger ! {test_purge, M, self(), Kind, Ref}, receive {started, Ref} -> ok end,
    erts_code_purger ! {continue, Ref}, receive {continued, Ref} -> ok end,
    I = about(F), C1 = call(F), C2 = call(F), Meanwhile(), erts_code_purger ! {complete, Ref},
    Done = receive {test_purge, Res, Ref} -> Res end, {length(B), I, Done, down(C1), down(C2)}.

purged() -> M = load(), {test(M, true, fun() -> ok end), code:is_loaded(M)}.

%% A soft purge gives up when somebody runs the code.
kept() ->
    M = load(), Self = self(),
    {P, R} = spawn_monitor(fun() -> G = M:f(?ID(3)), Self ! started, receive go -> exit({kept, (G)(4)}) end end),
    receive started -> ok end, V = test(M, false, fun() -> ok end), P ! go,
    W = receive {'DOWN', R, process, P, Y} -> case Y of {kept, _} -> Y; {E, _} -> E end end, code:purge(M), {element(2, V), W}.

%% Another load brings the fun back.
again() -> M = load(), V = test(M, true, fun() -> ok end), load(), X = (M:f(1))(2), code:purge(M), code:delete(M), code:purge(M), {element(3, V), X}.
