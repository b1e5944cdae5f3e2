%% Whether two .beam files differ only in what no VM can promise; run by run_selfhost on stock.
%%
%% Two things are a VM's own and get into files:
%%   - the compiled form of a regular expression (Elixir's ~r makes it a literal). It belongs to the
%%     version of the library that made it, which is why Elixir stores that version beside it and
%%     compiles anew where it does not match;
%%   - the order of a map of more than 32 keys whose keys contain atoms, which depends on when each
%%     atom was first used. A macro that generates clauses from such a map writes them in that order;
%%     the machine code is the same, the debug information lists them differently.
%% Everything else must be equal. What follows from these by hashing (the module's version, the
%% functions' fingerprints) is left out of the comparison only if one of the two was found.
-module(selfhost_diff).
-export([main/1]).

main([A, B]) ->
    io:format("~s~n", [verdict(chunks(A), chunks(B))]).

chunks(File) ->
    {ok, _, Chunks} = beam_lib:all_chunks(File),
    maps:from_list([{Name, read(Name, Data)} || {Name, Data} <- Chunks]).

read("LitT", <<_:32, Packed/binary>>) ->
    <<_:32, Terms/binary>> = zlib:uncompress(Packed),
    [binary_to_term(T) || <<Size:32, T:Size/binary>> <= Terms];
read(Name, Data) when Name =:= "Dbgi"; Name =:= "Attr"; Name =:= "CInf"; Name =:= "Docs"; Name =:= "ExCk" ->
    binary_to_term(Data);
read(_, Data) ->
    Data.

verdict(A, A) -> "equal";
verdict(A, B) ->
    Steps = [{"regex", fun without_regex/1},
             {"order", fun unordered/1},
             {"regex, order", fun(C) -> unordered(without_regex(C)) end}],
    case [Name || {Name, F} <- Steps, unhashed(F(A)) =:= unhashed(F(B)), F(A) =/= A orelse F(B) =/= B] of
        [Name | _] -> Name;
        [] -> "different"
    end.

without_regex(Chunks) -> maps:map(fun(_, Data) -> mask(Data) end, Chunks).

mask({re_pattern, Captures, Unicode, Crlf, Code}) when is_binary(Code) ->
    {re_pattern, Captures, Unicode, Crlf, masked};
%% The same inside quoted code, which is how debug information holds it.
mask({'{}', Meta, [re_pattern, Captures, Unicode, Crlf, Code]}) when is_binary(Code) ->
    {'{}', Meta, [re_pattern, Captures, Unicode, Crlf, masked]};
mask({re_version, _}) -> {re_version, masked};
mask(#{re_version := _} = M) -> mask_map(M#{re_version := masked});
mask(M) when is_map(M) -> mask_map(M);
mask(T) when is_tuple(T) -> list_to_tuple(mask(tuple_to_list(T)));
mask([H | T]) -> [mask(H) | mask(T)];
mask(Other) -> Other.

mask_map(M) -> maps:map(fun(_, V) -> mask(V) end, M).

unordered(#{"Dbgi" := Info} = Chunks) -> Chunks#{"Dbgi" := deep_sort(Info)};
unordered(Chunks) -> Chunks.

deep_sort(L) when is_list(L), length(L) > 32 -> lists:sort([deep_sort(E) || E <- L]);
deep_sort([H | T]) -> [deep_sort(H) | deep_sort(T)];
deep_sort(T) when is_tuple(T) -> list_to_tuple(deep_sort(tuple_to_list(T)));
deep_sort(M) when is_map(M) -> maps:map(fun(_, V) -> deep_sort(V) end, M);
deep_sort(Other) -> Other.

unhashed(Chunks) ->
    maps:map(fun("Attr", A) -> lists:keydelete(vsn, 1, A);
                ("FunT", <<N:32, Funs/binary>>) ->
                     {N, [X || <<X:20/binary, _Hash:32>> <= Funs]};
                (_, Data) -> Data
             end, Chunks).
