%% References of monitors with an alias are the same term with and without what they know of their owner.
-module(alias_terms).
-export([run/0]).
-include("diff.hrl").

run() ->
    P = spawn(fun() -> receive go -> exit(bye) end end),
    R = monitor(process, P, [{alias, reply_demonitor}]),
    Small = #{R => 1},
    Large = maps:merge(maps:from_list([{I, I} || I <- lists:seq(1, 100)]), Small),
    T = ets:new(t, [ordered_set]),
    ets:insert(T, {R, 1}),
    P ! go,
    receive
        {'DOWN', R2, _, _, _} ->
            {R2 =:= R, R2 == R, R2 < R, R2 > R, is_map_key(R2, Small), maps:find(R2, Small), maps:find(R2, Large),
             case Small of #{R2 := V} -> V; _ -> none end, ets:lookup(T, R2) =:= [{R, 1}],
             lists:usort([R, R2]) =:= [R], lists:member(R2, [R]), erlang:phash2(R) =:= erlang:phash2(R2),
             ref_to_list(R) =:= ref_to_list(R2), length(string:split(ref_to_list(R), ".", all)),
             length(string:split(ref_to_list(alias()), ".", all))}
    end.
