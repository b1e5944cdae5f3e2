%% diff: full
%% What bodies of trace specifications can do.
-module(trace_actions).
-export([run/0, f/1, g/1, h/1, slave/0]).
-include("diff.hrl").

f(X) -> [g(X)].
g(X) -> {h(X)}.
h(X) -> X.
slave() -> receive {apply, From, F, A} -> From ! {result, catch apply(?MODULE, F, A)}, slave();
    {token, From} -> From ! {result, seq_trace:get_token()}, slave(); stop -> ok end.

call(P, F, A) -> P ! {apply, self(), F, A}, receive {result, R} -> {R, got(P)} end.
%% What was traced once the slave waits for its next call.
got(P) ->
    case process_info(P, status) of
        {status, waiting} ->
            Ref = erlang:trace_delivered(P), receive {trace_delivered, P, Ref} -> ok end, got_now();
        undefined -> got_now();
        _ -> erlang:yield(), got(P)
    end.
got_now() -> receive T when element(1, T) =:= trace -> [norm(T) | got_now()] after 0 -> [] end.
norm(T) -> [case X of _ when is_pid(X) -> pid; <<"=proc:", _/binary>> -> dump; _ -> X end || X <- tuple_to_list(T)].
flags(P) -> {flags, L} = erlang:trace_info(P, flags), lists:sort(L).

with(P, Flags, Spec, Fun) ->
    erlang:trace(P, true, Flags),
    S = ?TRY(erlang:trace_pattern({?MODULE, g, 1}, Spec, [local])),
    R = Fun(),
    I = flags(P),
    erlang:trace(P, false, [all]),
    erlang:trace_pattern({?MODULE, '_', '_'}, false, [local]),
    {S, R, I}.

run() ->
    P = spawn_link(?MODULE, slave, []),
    Q = spawn_link(?MODULE, slave, []),
    _ = call(P, f, [0]), _ = call(Q, f, [0]),
    B = fun(Body) -> [{'_', [], Body}] end,
    Go = fun() -> [call(P, f, [1]), call(P, f, [2])] end,
    R1 = [with(P, [call], B(Body), Go) || Body <- [[{message, hello}], [{message, {{a, '$_'}}}], [{message, '$_'}],
        [{message, false}], [{message, true}], [{message, [1, 2]}], [{message, {self}}], [true], [],
        [{return_trace}, {message, x}], [{exception_trace}, {message, false}], [{message, {caller}}],
        [{message, {process_dump}}], [{message, {get_tcw}}], [{set_tcw, 17}, {message, {get_tcw}}],
        [{message, {set_tcw, 3}}], [{message, {set_tcw, bad}}],
        [{message, {is_seq_trace}}], [{message, {get_seq_token}}], [{message, {const, {a, b}}}],
        [{message, {element, 1, '$_'}}], [{message, {hd, '$_'}}]]],
    R2 = [with(P, [call], B(Body), Go) || Body <- [[{silent, true}], [{silent, true}, {message, x}],
        [{enable_trace, send}], [{enable_trace, bogus}, {message, y}], [{disable_trace, call}],
        [{trace, [], [procs]}], [{message, {trace, [call], [send]}}], [{message, {trace, [], []}}],
        [{message, {trace, [bogus], []}}], [{trace, [call], []}],
        [{enable_trace, Q, arity}, {message, z}], [{disable_trace, Q, arity}, {message, z}],
        [{message, {trace, Q, [], [send]}}], [{message, {trace, Q, [send], []}}], [{message, {trace, nobody, [], []}}]]],
    FQ = flags(Q), erlang:trace(Q, false, [all]),
    R3 = [with(P, [call], Spec, Go) || Spec <- [[{['$1'], [{'>', '$1', 1}], [{message, '$1'}]}],
        [{[1], [], [{message, one}]}, {'_', [], [{message, other}]}], [{'$1', [], [{message, '$1'}]}],
        [{['$1'], [{'=:=', {get_tcw}, 3}], [{message, '$$'}]}], [{['_', '_'], [], []}], [{bad, [], []}], [{['$1'], [{bad}], []}],
        [{['$1'], [], [{caller, 1}]}], [{['$1'], [{return_trace}], []}], [{['$1'], [{is_seq_trace}], []}]]],
    %% Tokens set by a specification.
    erlang:trace(P, true, [call]),
    erlang:trace_pattern({?MODULE, h, 1}, [{'_', [], [{set_seq_token, label, 12}, {set_seq_token, send, true},
        {message, {get_seq_token}}]}], [local]),
    P ! {apply, self(), h, [1]},
    R4 = receive {result, Z} -> Z end,
    P ! {token, self()},
    R5 = receive {result, Tok} -> case Tok of [] -> []; _ -> [element(I, Tok) || I <- [1, 2]] end end,
    erlang:trace_pattern({?MODULE, h, 1}, false, [local]), erlang:trace(P, false, [all]),
    R6 = [case T of {trace, _, call, M, {Fl, La, Se, _, Last}} -> {M, Fl, La, Se, Last}; _ -> T end || T <- diff_runner:flush(20)],
    seq_trace:set_token([]),
    %% Events with specifications.
    Ev = fun(What, Spec) -> erlang:trace(P, true, [What]), S = ?TRY(erlang:trace_pattern(What, Spec, [])),
        _ = [call(P, f, [N]) || N <- [1]], P ! {apply, self(), f, [2]}, receive {result, _} -> ok end,
        G = got(P), I = erlang:trace_info(What, match_spec), erlang:trace(P, false, [all]),
        erlang:trace_pattern(What, true, []), {S, G, I} end,
    R7 = [Ev(send, true), Ev(send, false), Ev(send, [{['_', {result, '_'}], [], [{message, got}]}]),
        Ev(send, [{['$1', {result, ['$2']}], [{is_pid, '$1'}], [{message, '$2'}]}]), Ev(send, [{'_', [], [{return_trace}]}]),
        Ev(send, [{'_', [], [{message, {caller}}]}]), Ev(send, [{'_', [], [{silent, true}]}]),
        Ev('receive', [{['$1', '$2', {apply, '_', f, [2]}], [{'=:=', '$1', node()}, {'=:=', '$2', self()}], [{message, mine}]}]),
        Ev('receive', [{['_', Q, '_'], [], []}]), Ev('receive', [{'_', [], [{enable_trace, send}]}]), Ev('receive', false)],
    [R1, R2, FQ, R3, R4, R5, R6, R7, erlang:trace_info(send, match_spec), erlang:trace_info('receive', match_spec)].
