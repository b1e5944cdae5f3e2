%% A process whose end takes several turns, for many watch it, while others send to it all the time.
-module(exit_sent_to).
-export([run/0]).
-include("diff.hrl").

run() ->
    [ending(Watchers) || Watchers <- [1, 50, 6000]].

ending(Watchers) ->
    P = spawn(fun() -> receive stop -> exit(done) end end),
    Refs = [monitor(process, P) || _ <- lists:seq(1, Watchers)],
    Senders = [spawn_monitor(fun() -> send(P, 10) end) || _ <- lists:seq(1, 4)],
    P ! stop,
    Downs = [receive {'DOWN', R, process, P, Why} -> Why end || R <- Refs],
    [receive {'DOWN', R, process, _, normal} -> ok end || {_, R} <- Senders],
    {Watchers, lists:usort(Downs), length(Downs), is_process_alive(P)}.

%% Sends until the process is gone, and some more.
send(_, 0) -> ok;
send(P, More) ->
    P ! message,
    case is_process_alive(P) of
        true -> send(P, More);
        false -> send(P, More - 1)
    end.
