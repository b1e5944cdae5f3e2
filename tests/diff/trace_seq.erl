%% diff: full
%% Sequential tracing: what a token does on its way, and what the system tracer is told.
-module(trace_seq).
-export([run/0, echo/0, tracer/1]).
-include("diff.hrl").

echo() -> receive {From, M} -> From ! {self(), M, tok(seq_trace:get_token())}, echo(); {quiet, _} -> echo(); stop -> ok end.
tok([]) -> [];
tok({F, L, S, P, La}) -> {F, L, S, is_pid(P), La}.
tracer(Acc) -> receive {get, P} -> P ! {events, lists:reverse(Acc)}, tracer([]); M -> tracer([M | Acc]) end.
names(N, X) when is_pid(X) -> case lists:keyfind(X, 1, N) of {_, A} -> A; false -> other end;
names(N, T) when is_tuple(T) -> list_to_tuple(names(N, tuple_to_list(T)));
names(N, [H | T]) -> [names(N, H) | names(N, T)];
names(_, R) when is_reference(R) -> ref;
names(_, F) when is_function(F) -> a_fun;
names(_, X) -> X.

run() ->
    T = spawn(?MODULE, tracer, [[]]),
    E = spawn(?MODULE, echo, []),
    Me = self(),
    N = [{T, tracer}, {E, echo}, {Me, me}],
    Ev = fun() -> Old = seq_trace:set_token([]), receive after 20 -> ok end, T ! {get, Me}, receive {events, L} -> ok end,
        seq_trace:set_token(Old), names(N, L) end,
    A1 = [seq_trace:set_system_tracer(T), seq_trace:get_system_tracer() =:= T, seq_trace:get_token(),
        [seq_trace:get_token(K) || K <- [send, 'receive', print, timestamp, monotonic_timestamp, strict_monotonic_timestamp,
            label, serial]], ?TRY(seq_trace:get_token(bogus)), ?TRY(erlang:seq_trace_info(bogus)),
        ?TRY(erlang:seq_trace(bogus, true)), ?TRY(erlang:seq_trace(send, 17)), ?TRY(erlang:seq_trace(serial, x))],
    A2 = [seq_trace:set_token(label, 17), tok(seq_trace:get_token()), seq_trace:set_token(send, true),
        seq_trace:set_token('receive', true), seq_trace:set_token(print, true), seq_trace:set_token(label, {big, [label]}),
        seq_trace:get_token(label), seq_trace:set_token(serial, {0, 5}), seq_trace:get_token(serial),
        tok(seq_trace:get_token())],
    E ! {Me, hello}, A3 = receive {E, hello, Tk} -> Tk end,
    A4 = [tok(seq_trace:get_token()), seq_trace:print(note), seq_trace:print({big, [label]}, matching),
        seq_trace:print(other, not_printed), tok(seq_trace:get_token()), Ev()],
    %% A message without a token takes it away.
    seq_trace:set_token([]), spawn(fun() -> Me ! plain end), receive plain -> ok end,
    seq_trace:set_token(label, 1), spawn(fun() -> seq_trace:set_token([]), Me ! plain end), receive plain -> ok end,
    B1 = seq_trace:get_token(),
    %% Spawned processes inherit.
    seq_trace:set_token(label, 2), seq_trace:set_token(send, true), seq_trace:set_token('receive', true),
    _ = Ev(),
    C = spawn(fun() -> Me ! {child, tok(seq_trace:get_token())} end),
    B2 = receive {child, Tk2} -> Tk2 end,
    B3 = [case X of {seq_trace, L, {W, S, F, To, M}} when element(1, M) =:= spawn_request; element(1, M) =:= spawn_reply ->
        {L, W, S, F, To, element(1, M)}; _ -> X end || X <- names([{C, child} | N], Ev())],
    %% Timers and exits.
    seq_trace:set_token([]), seq_trace:set_token(label, 3), seq_trace:set_token(send, true), seq_trace:set_token('receive', true),
    erlang:send_after(1, self(), timed), receive timed -> ok end,
    C1 = [tok(seq_trace:get_token()), Ev()],
    seq_trace:set_token(timestamp, true), E ! {quiet, 1},
    C2 = [{element(1, X), element(2, X), element(1, element(3, X)), tuple_size(element(4, X))} || X <- Ev(), tuple_size(X) =:= 4],
    seq_trace:set_token(timestamp, false), seq_trace:set_token(monotonic_timestamp, true), E ! {quiet, 1},
    C3 = [is_integer(element(4, X)) || X <- Ev()],
    seq_trace:set_token(monotonic_timestamp, false),
    _ = Ev(), process_flag(trap_exit, true),
    L6 = spawn_link(fun() -> receive go -> exit(foo) end end), L6 ! go,
    C6 = [receive {'EXIT', L6, foo} -> tok(seq_trace:get_token()) end, length(Ev())],
    exit(self(), bar), C7 = receive {'EXIT', Me, bar} -> tok(seq_trace:get_token()) end,
    process_flag(trap_exit, false), seq_trace:set_token(label, 4), seq_trace:set_token(send, true),
    seq_trace:set_token('receive', true),
    {P8, R8} = spawn_monitor(fun() -> ok end), receive {'DOWN', R8, process, P8, normal} -> ok end,
    C8 = [tok(seq_trace:get_token()), [element(1, element(5, element(3, X))) || X <- Ev()]],
    Al = alias(), E ! {Al, through_alias}, C4 = receive {E, through_alias, Tk4} -> Tk4 end, C5 = Ev(),
    seq_trace:set_token(send, true),
    D1 = [seq_trace:reset_trace(), seq_trace:get_token()],
    E ! {Me, after_reset}, D2 = receive {E, after_reset, Tk5} -> Tk5 end,
    D3 = [names(N, seq_trace:set_system_tracer(false)), seq_trace:get_system_tracer(), ?TRY(seq_trace:set_system_tracer(bogus)),
        ?TRY(erlang:system_flag(reset_seq_trace, false)), erlang:system_info(sequential_tracer)],
    seq_trace:set_token(label, 9), D4 = [tok(seq_trace:get_token()), names(N, process_info(self(), sequential_trace_token))],
    seq_trace:set_token([]), E ! stop, exit(T, kill),
    [A1, A2, A3, A4, B1, B2, B3, C1, C2, C3, C4, C5, C6, C7, C8, D1, D2, D3, D4].
