%% Compiles many modules in one node of the stock VM: [{Source, Options}] of a file, several at a
%% time. A line a module is printed: ok or error, the source, and what the compiler said.
-module(conform_build).

-export([main/1]).

main([Plan, Jobs]) ->
    {ok, [Work]} = file:consult(atom_to_list(Plan)),
    run(Work, list_to_integer(atom_to_list(Jobs)), #{}),
    erlang:halt(0).

run([], _, Running) when map_size(Running) =:= 0 -> ok;
run([{Source, Options} | Work], Jobs, Running) when map_size(Running) < Jobs ->
    {_, Monitor} = spawn_monitor(fun() -> exit({result, compile(Source, Options)}) end),
    run(Work, Jobs, Running#{Monitor => Source});
run(Work, Jobs, Running) ->
    receive
        {'DOWN', Monitor, process, _, Reason} ->
            {Source, Rest} = maps:take(Monitor, Running),
            case Reason of
                {result, ok} -> io:format("ok\t~ts~n", [Source]);
                {result, Text} -> io:format("error\t~ts\t~0tp~n", [Source, Text]);
                _ -> io:format("error\t~ts\t~0tP~n", [Source, Reason, 20])
            end,
            run(Work, Jobs, Rest)
    end.

compile(Source, Options) ->
    Base = case lists:member(from_core, Options) of
               true -> filename:rootname(Source, ".core");
               false -> filename:rootname(Source, ".erl")
           end,
    case compile:file(Base, [return_errors | Options]) of
        {ok, _} -> ok;
        {ok, _, _} -> ok;
        {error, Errors, _} -> lists:flatten(io_lib:format("~0tP", [Errors, 30]));
        error -> "error"
    end.
