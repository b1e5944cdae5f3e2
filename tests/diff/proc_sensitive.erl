%% A sensitive process: what it keeps to itself, and sequential tracing that goes on counting.
-module(proc_sensitive).
-export([run/0]).
-include("diff.hrl").

run() -> [itself(), other(), counting()].

itself() ->
    in_new(fun() ->
        put(secret, 1),
        self() ! secret,
        Open = seen(self()),
        Was = process_flag(sensitive, true),
        Closed = seen(self()),
        All = proplists:get_value(dictionary, process_info(self())),
        Again = process_flag(sensitive, true),
        Then = process_flag(sensitive, false),
        {Open, Was, Closed, All, Again, Then, seen(self()), ?TRY(process_flag(sensitive, ?ID(1)))}
    end).

other() ->
    Me = self(),
    P = spawn_link(fun() ->
        put(secret, 1),
        process_flag(sensitive, true),
        Me ! ready,
        receive reveal -> process_flag(sensitive, false), Me ! open end,
        receive stop -> ok end
    end),
    P ! message,
    receive ready -> ok end,
    Closed = seen(P),
    P ! reveal,
    receive open -> ok end,
    Open = seen(P),
    unlink(P),
    exit(P, kill),
    {Closed, Open}.

seen(P) ->
    [{dictionary, D}, {messages, M}, {message_queue_len, L}] =
        process_info(P, [dictionary, messages, message_queue_len]),
    {backtrace, B} = process_info(P, backtrace),
    {D, M, L, byte_size(B) > 0}.

%% What the sensitive process sends is not reported, and has its number all the same.
counting() ->
    in_new(fun() ->
        Me = self(),
        Tracer = spawn_link(fun() -> collect(Me, []) end),
        Before = seq_trace:set_system_tracer(Tracer),
        Peer = spawn_link(fun() -> receive {From, hello} -> From ! hi end, receive stop -> ok end end),
        process_flag(sensitive, true),
        [seq_trace:set_token(F, true) || F <- [send, 'receive', print]],
        seq_trace:set_token(label, 17),
        seq_trace:print(17, "unheard"),
        Peer ! {Me, hello},
        receive hi -> ok end,
        Serial = seq_trace:get_token(serial),
        seq_trace:set_token([]),
        process_flag(sensitive, false),
        seq_trace:set_system_tracer(Before),
        Tracer ! {give, Me},
        Heard = receive {heard, H} -> H end,
        {Serial, [{K, N, name(F, Me), name(T, Me)} || {seq_trace, 17, {K, N, F, T, _}} <- Heard]}
    end).

name(P, P) -> sensitive;
name(_, _) -> peer.

collect(Me, Heard) ->
    receive
        {give, Me} -> Me ! {heard, lists:reverse(Heard)};
        M -> collect(Me, [M | Heard])
    end.

in_new(F) ->
    {P, M} = spawn_monitor(fun() -> exit({done, F()}) end),
    receive {'DOWN', M, process, P, R} -> R end.
