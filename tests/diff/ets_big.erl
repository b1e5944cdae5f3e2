%% diff: full
%% Tables that grow and shrink through their resizing, with large and shared terms.
-module(ets_big).
-export([run/0]).
-include("diff.hrl").

run() ->
    [begin E = ets:new(t, [T]), [ets:insert(E, {{k, I}, lists:duplicate(I rem 10, I), <<I:800>>})
        || I <- lists:seq(1, 3000)], A = ets:info(E, size),
        B = lists:sum([length(element(2, hd(ets:lookup(E, {k, I}))))
        || I <- lists:seq(1, 3000, 7)]), [ets:delete(E, {k, I}) || I <- lists:seq(1, 3000),
        I rem 5 =/= 0], C = erlang:phash2(lists:sort(ets:tab2list(E))),
        {T, A, B, ets:info(E, size), C, is_integer(ets:info(E, memory))} end
        || T <- [set, ordered_set, bag, duplicate_bag]]
     ++ [begin C2 = ets:new(c, [compressed]), ets:insert(C2,
         {a, lists:seq(1, 1000), <<0:8000>>, #{x => y}}), ets:insert(C2, {b, 5}),
         {ets:lookup_element(C2, a, 2) =:= lists:seq(1, 1000), ets:lookup_element(C2, a, 4),
         ets:update_counter(C2, b, 3), ets:match(C2, {b, '$1'}),
         ets:select(C2, [{{'$1', '_', '_', '$2'}, [], ['$2']}])} end].
