%% diff: full
%% diff: alone
%% ets: every function with wrong arguments, as the shell prints it; then each argument of calls that
%% succeed, spoiled in turn.
-module(sweep_ets).
-export([run/0]).
-include("diff.hrl").

run() ->
    sweep_helper:all(ets, [all, internal_request_all, match_spec_run_r]) ++ sweep_helper:around(ets, calls(), [info]).

table() -> table([]).
table(Options) ->
    T = ets:new(t, Options),
    ets:insert(T, [{1, a}, {2, 20, "x"}, {a, 5}]),
    T.

calls() ->
    S = fun table/0,
    O = fun() -> table([ordered_set, public]) end,
    P = fun() -> Pid = spawn(fun() -> receive after 300 -> ok end end), Pid end,
    All = [{'$1', [], ['$1']}],
    Ms = fun() -> ets:match_spec_compile([{'$1', [], ['$1']}]) end,
    Cont = fun() -> {_, C} = ets:select(table([ordered_set, public]), [{'$1', [], ['$1']}], 1), C end,
    [{new, [n, [set, public]]}, {new, [n, [{keypos, 2}, ordered_set, named_table, {heir, none}]]},
     {new, [n, [{write_concurrency, auto}, {read_concurrency, true}, {decentralized_counters, true}, compressed]]},
     {insert, [S, {1, b}]}, {insert, [S, [{1, b}, {3, c}]]}, {insert_new, [S, {7, b}]},
     {lookup, [S, 1]}, {lookup_element, [S, 1, 2]}, {lookup_element, [O, 2, 3]}, {member, [S, 1]}, {delete, [S]},
     {delete, [S, 1]}, {delete_object, [S, {1, a}]}, {delete_all_objects, [S]}, {first, [O]}, {last, [O]}, {next, [O, 1]},
     {prev, [O, 1]}, {give_away, [S, P, gift]}, {rename, [S, other]},
     {setopts, [S, {heir, none}]}, {setopts, [S, [{protection, private}, {heir, P, x}]]},
     {info, [S]}, {info, [S, size]}, {safe_fixtable, [S, true]}, {take, [S, 1]}, {slot, [O, 0]}, {slot, [O, 1000]},
     {update_counter, [S, a, 1]}, {update_counter, [S, a, {2, 3}]}, {update_counter, [S, a, {2, 3, 7, 0}]},
     {update_counter, [S, a, [{2, 1}, {2, 4}]]}, {update_counter, [S, a, {2, 3}, {b, 7}]},
     {update_counter, [S, 1, 3]}, {update_counter, [S, a, {1, 3}]},
     {update_counter, [S, a, {9, 3}]}, {update_element, [S, a, {2, 3}]}, {update_element, [S, a, [{2, 3}, {2, 4}]]},
     {update_element, [S, a, {1, 3}]}, {update_element, [S, a, {9, 3}]}, {update_element, [S, zz, {2, 3}]},
     {match, [O, '$1']}, {match, [O, '$1', 2]}, {match_object, [O, '_']}, {match_object, [O, {'_', '_'}, 1]},
     {match_delete, [O, '_']}, {select, [O, All]}, {select, [O, All, 2]}, {select_reverse, [O, All]},
     {select_reverse, [O, All, 1]}, {select_count, [O, [{'_', [], [true]}]]},
     {select_delete, [O, [{'_', [], [true]}]]}, {select_replace, [O, [{{'$1', '$2'}, [], [{{'$1', {{'$2'}}}}]}]]},
     {select_replace, [O, [{{'$1', '$2'}, [], [{{'$2', '$1'}}]}]]}, {select, [Cont]}, {select_reverse, [Cont]}, {match, [Cont]}, {match_object, [Cont]},
     {is_compiled_ms, [Ms]}, {match_spec_compile, [All]},
     {whereis, [code_nonames]}].
