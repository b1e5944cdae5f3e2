%% diff: full
%% Selection in chunks with continuations, forwards and in reverse, over all table types.
-module(ets_select_cont).
-export([run/0]).
-include("diff.hrl").

run() ->
    [begin E = ets:new(t, [T]), ets:insert(E, [{I, I * I} || I <- lists:seq(1, 100)]),
        S = [{{'$1', '$2'}, [{'>', '$2', 50}], ['$1']}],
       {T, all(ets:select(E, S, 7), T, fun ets:select/1),
           all(ets:match(E, {'$1', '_'}, 30), T, fun ets:match/1),
           all(ets:match_object(E, {'_', '_'}, 40), T, fun ets:match_object/1), rev(E, S, T),
           ets:select(E, [{{none, '_'}, [], ['$_']}], 5), ?TRY(ets:select(E, S, 0)),
           ?TRY(ets:select(E, S, a)), ?TRY(ets:select(?ID(foo))), ets:select('$end_of_table'),
           element(1, ets:select(E, [{{5, '_'}, [], ['$_']}], 5))}
     end || T <- [set, ordered_set, bag, duplicate_bag]].
rev(E, S, T) -> all(ets:select_reverse(E, S, 9), T, fun ets:select_reverse/1).
all(R, ordered_set, F) -> chunks(R, F);
all(R, _, F) -> lists:sort(lists:append(chunks(R, F))).
chunks('$end_of_table', _) -> [];
chunks({L, C}, F) -> [L | chunks(F(C), F)].
