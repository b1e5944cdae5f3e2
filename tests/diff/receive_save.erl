%% diff: alone
%% (purging another module's literals makes all messages part of the heap)
%% Where receive begins to look: after a bad timeout, and behind markers that were set while
%% messages lay in the queue of signals.
-module(receive_save).
-export([run/0, echo/0]).
-include("diff.hrl").

run() ->
    [bad_timeout(), markers(), nested(10), huge()].

bad_timeout() ->
    ?ID(self()) ! init,
    A = ?TRY(receive blipp -> ok after ?ID(blupp) -> ok end),
    R = make_ref(),
    ?ID(self()) ! R,
    receive init -> ok end,
    receive R -> ok end,
    ?ID(self()) ! init2,
    B = ?TRY(receive blapp -> ok after -1 -> ok end),
    receive init2 -> ok end,
    [A, B].

%% Own messages come before and after the marker, and none is lost or out of order.
markers() ->
    P = spawn_link(fun echo/0),
    [self() ! {before, N} || N <- lists:seq(1, 20)],
    R1 = call(P, 1),
    [self() ! {between, N} || N <- lists:seq(1, 20)],
    R2 = call(P, 2),
    self() ! last,
    R3 = call(P, 3),
    [R1, R2, R3, flush()].

nested(0) -> [];
nested(N) ->
    P = spawn_link(fun echo/0),
    self() ! {deep, N},
    R = monitor(process, P),
    P ! {R, self(), N},
    Inner = nested(N - 1),
    receive {R, X} -> demonitor(R, [flush]), [X | Inner] end.

%% The first call after many messages came looks at none of them.
huge() ->
    {_, M} = spawn_opt(fun() -> exit({done, huge1()}) end, [monitor, {message_queue_data, off_heap}]),
    receive {'DOWN', M, _, _, {done, R}} -> R end.

huge1() ->
    P = spawn_link(fun echo/0),
    [self() ! {msg, N} || N <- lists:seq(1, 100000)],
    garbage_collect(),
    Rs = [call(P, N) || N <- lists:seq(1, 300)],
    {message_queue_len, Left} = process_info(self(), message_queue_len),
    {total_heap_size, Size} = process_info(self(), total_heap_size),
    [lists:sum(Rs), Left, Size < 100000, length(flush())].

call(P, X) ->
    R = monitor(process, P),
    P ! {R, self(), X},
    receive
        {R, Y} -> demonitor(R, [flush]), Y;
        {'DOWN', R, _, _, Why} -> exit(Why)
    end.

echo() -> receive {R, From, X} -> From ! {R, X}, echo() end.

flush() -> receive M -> [M | flush()] after 0 -> [] end.
