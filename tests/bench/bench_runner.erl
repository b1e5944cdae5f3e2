%% Runs benchmark programs inside a node and prints one line of numbers for each.
%%
%% A program is a module bench_<group>_<topic> with run/1: the argument scales its work, the value
%% it returns depends on that work, so that two virtual machines can be seen to have done the same.
%% Each run has a process of its own, so that no heap is inherited from the run before.
-module(bench_runner).
-export([main/1]).

%% ["calibrate", Milliseconds, Module...]: finds for each program the argument that takes so long.
%% ["time", Repeats, Module, N, Module, N...]: a warm-up run, then the timed ones.
%% ["memory", Count]: what so many idle processes take.
main(["calibrate", Ms | Mods]) ->
    Target = list_to_integer(Ms) * 1000,
    [calibrate(list_to_atom(M), Target, 1) || M <- Mods],
    halt(0);
main(["time", Repeats | Programs]) ->
    programs(Programs, list_to_integer(Repeats)),
    halt(0);
main(["memory", Count]) ->
    memory(list_to_integer(Count)),
    halt(0).

calibrate(M, Target, N) ->
    {Us, _} = timed(M, N),
    if
        Us < Target div 8, N < 1 bsl 40 ->
            calibrate(M, Target, N * 2);
        true ->
            {Us2, _} = timed(M, N),
            Best = max(1, round(N * Target / max(1, min(Us, Us2)))),
            io:format("size ~s ~b~n", [M, Best])
    end.

programs([Mod, N | Rest], Repeats) ->
    M = list_to_atom(Mod),
    Size = list_to_integer(N),
    _ = timed(M, Size),
    [begin
         {Us, Value} = timed(M, Size),
         io:format("time ~s ~b ~b~n", [M, Us, erlang:phash2(Value)])
     end || _ <- lists:seq(1, Repeats)],
    programs(Rest, Repeats);
programs([], _) ->
    ok.

timed(M, N) ->
    _ = code:ensure_loaded(M),
    {Pid, Ref} = spawn_monitor(
                   fun() ->
                           T0 = erlang:monotonic_time(),
                           V = M:run(N),
                           T1 = erlang:monotonic_time(),
                           exit({erlang:convert_time_unit(T1 - T0, native, microsecond), V})
                   end),
    receive
        {'DOWN', Ref, process, Pid, {Us, V}} when is_integer(Us) -> {Us, V};
        {'DOWN', Ref, process, Pid, Why} ->
            io:format("fail ~s ~0p~n", [M, Why]),
            halt(1)
    end.

%% Resident memory is read before and after, so what the machine keeps outside the heaps counts.
memory(Count) ->
    Before = resident(),
    Pids = [spawn(fun idle/0) || _ <- lists:seq(1, Count)],
    [receive after 0 -> ok end || _ <- lists:seq(1, 1000)],
    _ = [erlang:process_info(P, status) || P <- Pids],
    After = resident(),
    {memory, Own} = process_info(hd(Pids), memory),
    io:format("memory ~b ~b ~b~n", [Own, (After - Before) div Count, After]).

idle() ->
    receive stop -> ok end.

resident() ->
    {ok, Text} = file:read_file("/proc/self/statm"),
    [_, Pages | _] = binary:split(Text, <<" ">>, [global]),
    binary_to_integer(Pages) * 4096.
