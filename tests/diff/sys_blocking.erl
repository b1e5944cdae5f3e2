%% Processes that block multi-scheduling: what each block and unblock answers, who is listed, and that
%% a block ends with its process. The number of schedulers that is asked for stays on record meanwhile.
%% diff: flags +S 2
-module(sys_blocking).
-export([run/0]).
-include("diff.hrl").

run() ->
    N = erlang:system_info(schedulers_online),
    Step = fun(What) -> {What, ?TRY(erlang:system_flag(multi_scheduling, What)), state(N)} end,
    Alone = [Step(What) || What <- [unblock, unblock_normal, block, block, unblock, block_normal,
        unblock, unblock, unblock_normal, block_normal, block, unblock, unblock_normal, bogus]],
    Self = self(),
    {Other, Ref} = spawn_monitor(fun() -> Self ! {other, Step(block)}, receive stop -> ok end end),
    First = receive {other, S} -> S end,
    Both = [Step(What) || What <- [block, unblock, unblock]],
    Online = erlang:system_flag(schedulers_online, N) =:= N,
    Other ! stop,
    diff_runner:wait_down({Other, Ref}),
    Alone ++ [First, Both, Online, state(N), Step(unblock)].

state(N) ->
    [erlang:system_info(multi_scheduling), erlang:system_info(schedulers_online) =:= N,
        diff_runner:sorted(erlang:system_info(multi_scheduling_blockers)),
        diff_runner:sorted(erlang:system_info(normal_multi_scheduling_blockers))].
