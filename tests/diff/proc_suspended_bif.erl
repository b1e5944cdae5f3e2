%% Where a process is while a BIF with long work has given way.
%% diff: full
-module(proc_suspended_bif).
-export([run/0]).

run() ->
    Keys = lists:seq(1, 60000),
    [lists:usort(seen(20, spawn(fun() -> work(Keys) end))),
     lists:usort(scheduled(fun() -> maps:from_keys(Keys, ok) end))].

work(Keys) ->
    _ = maps:from_keys(Keys, ok),
    work(Keys).

%% So often, in the BIF.
seen(0, P) ->
    exit(P, kill),
    [];
seen(N, P) ->
    erlang:yield(),
    case process_info(P, [current_function, current_location]) of
        [{_, {maps, from_keys, 2} = F}, {_, {M, _, _, _}}] -> [{F, M} | seen(N - 1, P)];
        _ -> seen(N, P)
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
