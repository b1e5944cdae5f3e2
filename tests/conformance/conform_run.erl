%% What runs inside the node under test: one suite under common_test, with conform_hook watching.
%% Everything it has to know stands in one file of Erlang terms, whose name is its argument.
-module(conform_run).

-export([main/1, list/1]).

main([Plan]) ->
    {ok, [{Suite, Dir, LogDir, Events, Choice, Scale}]} = file:consult(atom_to_list(Plan)),
    Result = try
                 ct:run_test([{dir, Dir}, {suite, [Suite]}, {logdir, LogDir},
                              {ct_hooks, [{conform_hook, {Events, Choice}, 1}]},
                              {enable_builtin_hooks, false}, {auto_compile, false},
                              {multiply_timetraps, Scale}, {scale_timetraps, false},
                              {abort_if_missing_suites, true}])
             catch
                 Class:Reason:Stack -> {Class, Reason, Stack}
             end,
    {ok, File} = file:open(Events, [append, raw, binary]),
    Code = case Result of
               {_, _, _} when is_integer(element(1, Result)) ->
                   ok = file:write(File, "finished\n"),
                   0;
               _ ->
                   Text = unicode:characters_to_binary(io_lib:format("~0tp", [Result])),
                   ok = file:write(File, ["broken\t", base64:encode(Text), $\n]),
                   1
           end,
    ok = file:close(File),
    erlang:halt(Code, [{flush, false}]).

%% Prints the cases of suites: suite, group, case.
list([Plan]) ->
    {ok, [Suites]} = file:consult(atom_to_list(Plan)),
    [list_suite(S) || S <- Suites],
    erlang:halt(0).

list_suite(Suite) ->
    try
        _ = code:ensure_loaded(Suite),
        Groups = case erlang:function_exported(Suite, groups, 0) of
                     true -> Suite:groups();
                     false -> []
                 end,
        case Suite:all() of
            All when is_list(All) -> cases(Suite, '-', All, Groups);
            _ -> ok
        end
    catch
        Class:Reason -> io:format("!~ts\t-\t~0tp~n", [Suite, {Class, Reason}])
    end.

cases(Suite, Group, Members, Groups) ->
    [member(Suite, Group, M, Groups) || M <- Members],
    ok.

member(Suite, Group, Case, _) when is_atom(Case) ->
    io:format("~ts\t~ts\t~ts~n", [Suite, Group, Case]);
member(Suite, Group, {testcase, Case, _}, _) ->
    io:format("~ts\t~ts\t~ts~n", [Suite, Group, Case]);
member(Suite, _, {group, Name}, Groups) -> named(Suite, Name, Groups);
member(Suite, _, {group, Name, _}, Groups) -> named(Suite, Name, Groups);
member(Suite, _, {group, Name, _, _}, Groups) -> named(Suite, Name, Groups);
member(Suite, _, {Name, _, Members}, Groups) -> cases(Suite, Name, Members, Groups);
member(Suite, _, {Name, Members}, Groups) when is_list(Members) -> cases(Suite, Name, Members, Groups);
member(_, _, _, _) -> ok.

named(Suite, Name, Groups) ->
    case find(Name, Groups) of
        {_, _, Members} -> cases(Suite, Name, Members, Groups);
        {_, Members} -> cases(Suite, Name, Members, Groups);
        false -> ok
    end.

%% Groups may be defined inside groups.
find(Name, Groups) ->
    case lists:keyfind(Name, 1, Groups) of
        false ->
            Inner = lists:append([element(tuple_size(G), G) || G <- Groups, is_tuple(G),
                                                               is_list(element(tuple_size(G), G))]),
            case [G || G <- Inner, is_tuple(G), element(1, G) =/= group, element(1, G) =/= testcase] of
                [] -> false;
                More -> find(Name, More)
            end;
        Group -> Group
    end.
