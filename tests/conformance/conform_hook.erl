%% Writes what happens to each test case, one line an event, while it happens: what a dying node
%% leaves behind is then exact up to the case that killed it.
%%
%% A line is: kind, suite, group ("-" for none), case, milliseconds, text in base64, with tabs
%% between. Kinds: begin, end, fail, skip, and note for what belongs to a suite or a group.
%%
%% A case that is not wanted in this run (it has run before the node died, or was not chosen) is
%% skipped here and not in a test specification, because only here its group is known.
-module(conform_hook).

-export([id/1, init/2, pre_init_per_testcase/4, post_end_per_testcase/5, on_tc_fail/4, on_tc_skip/4,
         post_init_per_suite/4, terminate/1]).

-record(state, {out, mode, keys}).

-define(NOT_NOW, "left out of this run").

id(_) -> conform_hook.

%% Options: the file to write; all | {only, Keys} | {except, Keys}, a key being {Group, Case}, or
%% {Group, '_'} for all of a group.
init(_Id, {Out, Choice}) ->
    {Mode, Keys} = case Choice of
                       all -> {except, []};
                       {M, K} -> {M, K}
                   end,
    {ok, #state{out = Out, mode = Mode, keys = sets:from_list(Keys, [{version, 2}])}}.

post_init_per_suite(Suite, _Config, Return, State) ->
    write(State, "note", Suite, '-', init_per_suite, text(outcome(Return))),
    {Return, State}.

pre_init_per_testcase(Suite, Case, Config, State) ->
    Group = group(Config),
    case wanted({Group, Case}, State) of
        true ->
            write(State, "begin", Suite, Group, Case, <<>>),
            {Config, State};
        false ->
            {{skip, ?NOT_NOW}, State}
    end.

post_end_per_testcase(Suite, Case, Config, Return, State) ->
    write(State, "end", Suite, group(Config), Case, text(outcome(Return))),
    {Return, State}.

on_tc_fail(Suite, Name, Reason, State) ->
    {Group, Case} = split(Name),
    write(State, "fail", Suite, Group, Case, text(Reason)),
    State.

on_tc_skip(Suite, Name, {Kind, Reason}, State) ->
    {Group, Case} = split(Name),
    case is_ours(Reason) of
        true -> ok;
        false -> write(State, "skip", Suite, Group, Case, text({Kind, Reason}))
    end,
    State;
on_tc_skip(Suite, Name, Reason, State) ->
    on_tc_skip(Suite, Name, {skip, Reason}, State).

terminate(_) -> ok.

is_ours(?NOT_NOW) -> true;
is_ours({_, Reason}) -> is_ours(Reason);
is_ours({_, _, Reason}) -> is_ours(Reason);
is_ours(_) -> false.

wanted(Key, #state{mode = only, keys = Keys}) -> named(Key, Keys);
wanted(Key, #state{mode = except, keys = Keys}) -> not named(Key, Keys).

named({Group, _} = Key, Keys) -> sets:is_element(Key, Keys) orelse sets:is_element({Group, '_'}, Keys).

group(Config) when is_list(Config) ->
    case lists:keyfind(tc_group_properties, 1, Config) of
        {_, Properties} -> proplists:get_value(name, Properties, '-');
        false -> '-'
    end;
group(_) -> '-'.

%% init_per_group and end_per_group come as {Function, Group} like the cases of the group.
split({Case, Group}) when is_atom(Case), is_atom(Group) -> {Group, Case};
split(Case) when is_atom(Case) -> {'-', Case};
split(Other) -> {'-', Other}.

outcome(Config) when is_list(Config) -> ok;
outcome(Other) -> Other.

text(Term) ->
    Chars = io_lib:format("~0tP", [Term, 200]),
    case unicode:characters_to_binary(Chars) of
        Bin when is_binary(Bin), byte_size(Bin) > 8000 ->
            <<(binary:part(Bin, 0, 8000))/binary, " ...">>;
        Bin when is_binary(Bin) -> Bin;
        _ -> <<"(text that is not unicode)">>
    end.

%% Raw, so that a case that plays with the file server does not stop the record.
write(#state{out = Out}, Kind, Suite, Group, Case, Text) ->
    Line = [Kind, $\t, atom_to_list(Suite), $\t, name(Group), $\t, name(Case), $\t,
            integer_to_list(erlang:system_time(millisecond)), $\t, base64:encode(Text), $\n],
    {ok, File} = file:open(Out, [append, raw, binary]),
    ok = file:write(File, unicode:characters_to_binary(Line)),
    ok = file:close(File).

name(Atom) when is_atom(Atom) -> atom_to_list(Atom);
name(Other) -> io_lib:format("~0tp", [Other]).
