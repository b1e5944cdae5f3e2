%% Where a process is while a BIF with long work has given way.
%% diff: full
-module(proc_suspended_bif).
-export([run/0]).

run() ->
    [lists:usort(seen(400, spawn(fun() -> work(lists:seq(1, 60000)) end))),
     lists:usort(scheduled(fun() -> maps:from_keys(lists:seq(1, 60000), ok) end))].

work(Keys) ->
    _ = maps:from_keys(Keys, ok),
    work(Keys).

seen(0, P) ->
    exit(P, kill),
    [];
seen(N, P) ->
    erlang:yield(),
    case process_info(P, [current_function, current_location]) of
        [{_, {maps, from_keys, 2} = F}, {_, {M, _, _, _}}] -> [{F, M} | seen(N - 1, P)];
        _ -> seen(N - 1, P)
    end.

scheduled(Fun) ->
    Self = self(),
    {P, Ref} = spawn_monitor(fun() ->
        erlang:trace(self(), true, [running, {tracer, Self}]),
        Fun()
    end),
    receive {'DOWN', Ref, process, P, _} -> ok end,
    Delivered = erlang:trace_delivered(P),
    receive {trace_delivered, P, Delivered} -> ok end,
    traces(P).

traces(P) ->
    receive
        {trace, P, What, {maps, _, _} = F} -> [{What, F} | traces(P)];
        {trace, P, _, _} -> traces(P)
    after 0 -> []
    end.
