%% A replaced persistent term stays readable in the processes that hold it.
-module(pt_procs).
-export([run/0]).
-include("diff.hrl").

run() ->
    Me = self(), persistent_term:put(pt_procs, {v, diff_runner:seq(1, 50)}),
    Ps = [spawn(fun() -> T = persistent_term:get(pt_procs), Me ! {self(), ready},
        receive go -> erlang:garbage_collect(), Me ! {self(),
        T =:= {v, diff_runner:seq(1, 50)}} end end) || _ <- diff_runner:seq(1, 5)],
    [receive {P, ready} -> ok end || P <- Ps], persistent_term:put(pt_procs, newer),
    persistent_term:erase(pt_procs), receive after 20 -> ok end, [P ! go || P <- Ps],
    [[receive {P, X} -> X end || P <- Ps], persistent_term:get(pt_procs, none)].
