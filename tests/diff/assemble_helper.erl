%% Assembles the .S files of this folder. The compiler's own path for assembly code runs its
%% validator, which knows nothing of instructions that the compiler has stopped using; the
%% assembler itself still encodes every generic opcode that the loader accepts.
-module(assemble_helper).
-export([main/1]).

%% As `erl -run assemble_helper main OutDir File...` calls it. Prints one line for each file that
%% does not assemble and sets the exit code.
main([Out | Files]) ->
    Bad = [F || F <- Files, assemble(Out, F) =/= ok],
    halt(length(Bad)).

assemble(Out, File) ->
    {ok, Terms} = file:consult(File),
    [{module, Mod}, {exports, Exports}, {attributes, Attrs}, {labels, Labels} | Rest] = Terms,
    try
        {ok, Beam} = beam_asm:module({Mod, Exports, Attrs, functions(Rest), Labels}, [], [], []),
        ok = file:write_file(filename:join(Out, atom_to_list(Mod) ++ ".beam"), Beam)
    catch
        _:Why:Stack ->
            io:format("~ts: ~tp~n~tp~n", [File, Why, Stack]),
            error
    end.

functions([{function, Name, Arity, Entry} | Rest]) ->
    {Code, More} = lists:splitwith(fun(I) -> not is_tuple(I) orelse element(1, I) =/= function end, Rest),
    [{function, Name, Arity, Entry, Code} | functions(More)];
functions([]) ->
    [].
