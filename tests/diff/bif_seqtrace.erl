%% diff: full
%% Sequential tracing tokens travel with messages.
-module(bif_seqtrace).
-export([run/0]).
-include("diff.hrl").

run() ->
    Me = self(), Tr = spawn(fun() -> (fun L(A) -> receive {get, P} -> P ! {events,
        lists:reverse(A)}; M -> L([M | A]) end end)([]) end), Old = seq_trace:set_system_tracer(Tr),
        P = spawn(fun() -> receive go -> Me ! {token, seq_trace:get_token()} end end),
        seq_trace:set_token(label, 17), seq_trace:set_token(send, true),
        seq_trace:set_token('receive', true), T1 = seq_trace:get_token(label), P ! go,
        T2 = receive {token, T} -> case T of [] -> none;
        _ -> {element(1, T), element(2, T)} end end, seq_trace:print("info"),
        R = [seq_trace:get_token(send), seq_trace:get_token(serial) =/= [],
        ?TRY(seq_trace:set_token(bogus, 1))], seq_trace:set_token([]), receive after 20 -> ok end,
        Tr ! {get, Me}, E = receive {events, L} -> [{element(1, X), element(2, X),
        element(1, element(3, X))} || X <- L] end, seq_trace:set_system_tracer(Old),
        [Old, T1, T2, R, E, seq_trace:get_token()].
