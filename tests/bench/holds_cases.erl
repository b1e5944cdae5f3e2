%% How long one call of a built-in function with big input keeps a scheduler from everybody else.
%%
%% With one scheduler, a second process that does nothing but note the time and yield gets a turn
%% whenever the process that makes the call gives up its own; the longest gap between two of its turns
%% is the longest hold. Other load on the machine lengthens gaps, so each case is repeated and the
%% smallest of the maxima counts.
%%
%%   erl +S 1 -noshell -s holds_cases main 3 all      prints {Case, LongestHoldUs, TotalUs} per line
-module(holds_cases).
-export([main/1, names/0]).
-compile(nowarn_deprecated_function).

main([Rounds | Only]) ->
    N = list_to_integer(atom_to_list(Rounds)),
    [begin
         {Hold, Total} = lists:min([one(Setup, Call) || _ <- lists:seq(1, N)]),
         io:format("~s ~w ~w~n", [Name, Hold, Total])
     end || {Name, Setup, Call} <- cases(), Only =:= [all] orelse lists:member(Name, Only)],
    halt().

names() -> [N || {N, _, _} <- cases()].

one(Setup, Call) ->
    Self = self(),
    Ticker = spawn_opt(fun() -> receive {start, W} -> W ! go, tick(Self, 0) end end,
                       [{min_heap_size, 1000}]),
    {Worker, Ref} =
        spawn_opt(fun() ->
                          %% Collections of the input are not the call's doing: room for all of it at once.
                          Input = Setup(),
                          erlang:garbage_collect(),
                          Self ! {ready, self()},
                          receive go -> ok end,
                          T0 = erlang:monotonic_time(),
                          Result = Call(Input),
                          T1 = erlang:monotonic_time(),
                          Ticker ! stop,
                          %% Its end, which gives a large heap back, is not the call's doing either.
                          erlang:yield(),
                          Self ! {total, T1 - T0, is_list(Result)}
                  end, [monitor, {min_heap_size, 6000000}]),
    receive
        {ready, Worker} -> Ticker ! {start, Worker};
        {'DOWN', Ref, _, _, Why} -> exit(Why)
    end,
    Longest = receive {longest, L} -> L; {'DOWN', Ref, _, _, Why2} when Why2 =/= normal -> exit(Why2) end,
    Total = receive {total, T, _} -> T end,
    receive {'DOWN', Ref, _, _, _} -> ok end,
    erlang:garbage_collect(),
    {Longest, us(Total)}.

us(T) -> erlang:convert_time_unit(T, native, microsecond).

%% Time that the machine gave to others is in the wall clock and not in the processor time, which is
%% known to the millisecond: the smaller of the two is the hold.
tick(Owner, Longest) ->
    {Cpu0, _} = statistics(runtime),
    T0 = erlang:monotonic_time(microsecond),
    erlang:yield(),
    Wall = erlang:monotonic_time(microsecond) - T0,
    {Cpu1, _} = statistics(runtime),
    New = max(Longest, min(Wall, (Cpu1 - Cpu0) * 1000 + 999)),
    receive stop -> Owner ! {longest, New} after 0 -> tick(Owner, New) end.

%% ---- inputs ----

none() -> ok.
bin(N) -> binary:copy(<<"abcdefghij">>, N div 10).
bytes(N) -> lists:duplicate(N, $a).
ints(N) -> lists:seq(1, N).
parts(N) -> [[<<"0123456789">>, $a, [<<"b">>]] || _ <- lists:seq(1, N)].
deep(N) -> [{I, [I | "ab"], #{a => I}} || I <- lists:seq(1, N)].
shuffled(N) -> [erlang:phash2(I) || I <- lists:seq(1, N)].
table(Type, N) ->
    T = ets:new(t, [Type, public]),
    ets:insert(T, [{I, I, <<"x">>} || I <- lists:seq(1, N)]),
    T.
map(N) -> maps:from_list([{I, I} || I <- lists:seq(1, N)]).

cases() ->
    Deep = fun() -> deep(300000) end,
    Two = fun() -> {deep(300000), deep(300000)} end,
    Bin = fun() -> bin(50000000) end,
    List = fun() -> bytes(5000000) end,
    [{'equal', Two, fun({A, B}) -> A =:= B end},
     {'loose_equal', Two, fun({A, B}) -> A == B end},
     {'less', Two, fun({A, B}) -> A < B end},
     {'equal_binaries', fun() -> {bin(50000000), bin(50000000)} end, fun({A, B}) -> A =:= B end},
     {phash2, Deep, fun erlang:phash2/1}, {phash2_binary, Bin, fun erlang:phash2/1}, {phash, Deep, fun(T) -> erlang:phash(T, 1000) end},
     {term_to_binary, Deep, fun erlang:term_to_binary/1},
     {term_to_binary_compressed, Deep, fun(T) -> term_to_binary(T, [compressed]) end},
     {term_to_binary_compressed_bytes, Bin, fun(T) -> term_to_binary(T, [compressed]) end},
     {term_to_iovec, Deep, fun erlang:term_to_iovec/1}, {external_size, Deep, fun erlang:external_size/1},
     {binary_to_term, fun() -> term_to_binary(deep(300000)) end, fun erlang:binary_to_term/1},
     {binary_to_term_compressed, fun() -> term_to_binary(deep(300000), [compressed]) end, fun erlang:binary_to_term/1},
     {binary_to_list, fun() -> bin(5000000) end, fun erlang:binary_to_list/1},
     {binary_to_list_part, fun() -> bin(5000000) end, fun(B) -> binary_to_list(B, 2, 4000000) end},
     {bin_to_list, fun() -> bin(5000000) end, fun binary:bin_to_list/1},
     {bitstring_to_list, fun() -> <<(bin(5000000))/binary, 1:1>> end, fun erlang:bitstring_to_list/1},
     {list_to_binary, List, fun erlang:list_to_binary/1}, {list_to_bitstring, List, fun erlang:list_to_bitstring/1},
     {iolist_to_binary, fun() -> parts(500000) end, fun erlang:iolist_to_binary/1}, {iolist_size, fun() -> parts(500000) end, fun erlang:iolist_size/1},
     {iolist_to_iovec, fun() -> parts(500000) end, fun erlang:iolist_to_iovec/1}, {iolist_size_list, List, fun erlang:iolist_size/1},
     {binary_copy, fun() -> bin(1000) end, fun(B) -> binary:copy(B, 50000) end},
     {binary_copy_one, Bin, fun binary:copy/1},
     {binary_match, Bin, fun(B) -> binary:match(B, <<"zz">>) end}, {binary_matches, fun() -> bin(10000000) end, fun(B) -> binary:matches(B, <<"j">>) end},
     {binary_matches_two, fun() -> bin(10000000) end, fun(B) -> binary:matches(B, [<<"j">>, <<"c">>]) end},
     {binary_split, fun() -> bin(10000000) end, fun(B) -> binary:split(B, <<"j">>, [global]) end},
     {binary_lcp, fun() -> [bin(50000000), bin(50000000)] end, fun binary:longest_common_prefix/1},
     {binary_decode_unsigned, fun() -> bin(400000) end, fun binary:decode_unsigned/1},
     {binary_encode_unsigned, fun() -> binary:decode_unsigned(bin(400000)) end, fun binary:encode_unsigned/1},
     {md5, Bin, fun erlang:md5/1}, {crc32, Bin, fun erlang:crc32/1}, {adler32, Bin, fun erlang:adler32/1},
     {md5_list, List, fun erlang:md5/1}, {crc32_list, List, fun erlang:crc32/1},
     {characters_to_list, fun() -> bin(5000000) end, fun unicode:characters_to_list/1},
     {characters_to_binary, List, fun unicode:characters_to_binary/1},
     {characters_to_binary_utf16, List, fun(L) -> unicode:characters_to_binary(L, utf8, utf16) end},
     {bin_is_7bit, Bin, fun(B) -> unicode:bin_is_7bit(B) end},
     {re_run, Bin, fun(B) -> re:run(B, "zz+y", []) end},
     {re_run_unicode, fun() -> bin(20000000) end, fun(B) -> re:run(B, "(a|b)z", [unicode]) end},
     {append, fun() -> ints(3000000) end, fun(L) -> L ++ [1] end}, {subtract, fun() -> {ints(1000000), shuffled(500000)} end, fun({A, B}) -> A -- B end},
     {reverse, fun() -> ints(3000000) end, fun lists:reverse/1}, {member, fun() -> ints(3000000) end, fun(L) -> lists:member(x, L) end},
     {keyfind, Deep, fun(L) -> lists:keyfind(x, 1, L) end}, {length, fun() -> ints(3000000) end, fun erlang:length/1},
     {sort, fun() -> shuffled(1000000) end, fun lists:sort/1}, {list_to_tuple, fun() -> ints(3000000) end, fun erlang:list_to_tuple/1},
     {tuple_to_list, fun() -> list_to_tuple(ints(3000000)) end, fun erlang:tuple_to_list/1},
     {make_tuple, fun none/0, fun(_) -> erlang:make_tuple(3000000, x) end}, {setelement, fun() -> list_to_tuple(ints(3000000)) end, fun(T) -> setelement(3, T, x) end},
     {append_element, fun() -> list_to_tuple(ints(3000000)) end, fun(T) -> erlang:append_element(T, x) end},
     {maps_from_list, fun() -> [{I, I} || I <- ints(500000)] end, fun maps:from_list/1}, {maps_keys, fun() -> map(500000) end, fun maps:keys/1},
     {maps_values, fun() -> map(500000) end, fun maps:values/1}, {maps_to_list, fun() -> map(500000) end, fun maps:to_list/1},
     {maps_merge, fun() -> {map(500000), maps:from_list([{-I, I} || I <- ints(500000)])} end, fun({A, B}) -> maps:merge(A, B) end},
     {big_multiply, fun() -> {1 bsl 3000000 - 1, 1 bsl 3000000 - 3} end, fun({A, B}) -> A * B end},
     {big_divide, fun() -> {1 bsl 8000000 - 1, 1 bsl 4000000 - 3} end, fun({A, B}) -> A div B end},
     {big_print, fun() -> 1 bsl 1000000 - 1 end, fun erlang:integer_to_list/1}, {big_print_binary, fun() -> 1 bsl 1000000 - 1 end, fun erlang:integer_to_binary/1},
     {big_parse, fun() -> lists:duplicate(300000, $7) end, fun erlang:list_to_integer/1}, {big_parse_binary, fun() -> binary:copy(<<"7">>, 300000) end, fun erlang:binary_to_integer/1},
     {send_big, fun() -> {spawn(fun() -> receive stop -> ok end end), deep(300000)} end, fun({P, T}) -> P ! T end},
     {spawn_big, Deep, fun(T) -> spawn(fun() -> length(T) end) end}, {exit_big, Deep, fun(T) -> spawn(fun() -> exit(T) end) end},
     {ets_insert_list, fun() -> {ets:new(t, []), [{I, I} || I <- ints(500000)]} end, fun({T, L}) -> ets:insert(T, L) end},
     {ets_insert_list_ordered, fun() -> {ets:new(t, [ordered_set]), [{I, I} || I <- ints(500000)]} end, fun({T, L}) -> ets:insert(T, L) end},
     {ets_insert_new_list, fun() -> {ets:new(t, []), [{I, I} || I <- ints(500000)]} end, fun({T, L}) -> ets:insert_new(T, L) end},
     {ets_insert_big_object, fun() -> {ets:new(t, []), deep(300000)} end, fun({T, L}) -> ets:insert(T, {a, L}) end},
     {ets_lookup_big_object, fun() -> T = ets:new(t, []), ets:insert(T, {a, deep(300000)}), T end, fun(T) -> ets:lookup(T, a) end},
     {ets_delete, fun() -> table(set, 500000) end, fun ets:delete/1}, {ets_delete_ordered, fun() -> table(ordered_set, 500000) end, fun ets:delete/1},
     {ets_delete_all_objects, fun() -> table(set, 500000) end, fun ets:delete_all_objects/1}, {ets_delete_all_objects_ordered, fun() -> table(ordered_set, 500000) end, fun ets:delete_all_objects/1},
     {ets_owner_exit, fun none/0, fun(_) -> {P, R} = spawn_monitor(fun() -> table(set, 500000) end), receive {'DOWN', R, _, P, _} -> ok end end},
     {ets_select, fun() -> table(set, 500000) end, fun(T) -> ets:select(T, [{{'$1', '_', '_'}, [], ['$1']}]) end}, {ets_match, fun() -> table(ordered_set, 500000) end, fun(T) -> ets:match(T, {'_', nope, '_'}) end},
     {ets_select_delete, fun() -> table(set, 500000) end, fun(T) -> ets:select_delete(T, [{'_', [], [true]}]) end}, {ets_select_count, fun() -> table(set, 500000) end, fun(T) -> ets:select_count(T, [{'_', [], [true]}]) end},
     {ets_select_replace, fun() -> table(set, 500000) end, fun(T) -> ets:select_replace(T, [{{'$1', '$2', '$3'}, [], [{{'$1', '$2', x}}]}]) end}, {ets_match_object, fun() -> table(set, 300000) end, fun(T) -> ets:match_object(T, '_') end},
     {ets_tab2list, fun() -> table(ordered_set, 300000) end, fun ets:tab2list/1},
     {ets_select_bag_key, fun() -> T = ets:new(t, [bag]), ets:insert(T, [{a, I} || I <- ints(20000)]), T end, fun(T) -> ets:lookup(T, a) end},
     {persistent_put, Deep, fun(T) -> persistent_term:put(holds_key, T) end}, {persistent_erase, fun() -> persistent_term:put(holds_key2, deep(300000)) end, fun(_) -> persistent_term:erase(holds_key2) end},
     {literals_released, fun() -> persistent_term:put(holds_key4, deep(100000)), {persistent_term:get(holds_key4), deep(300000)} end,
      fun(_) -> persistent_term:erase(holds_key4), receive after 200 -> ok end end},
     {garbage_collect_other, fun() -> S = self(), P = spawn_opt(fun() -> D = deep(300000), S ! ready, receive stop -> D end end, []), receive ready -> P end end,
      fun(P) -> erlang:garbage_collect(P), exit(P, kill) end},
     {process_info_messages, fun() -> [self() ! {m, I} || I <- ints(200000)], ok end, fun(_) -> process_info(self(), messages) end},
     {list_to_atom_many, fun() -> [integer_to_list(I) || I <- ints(20000)] end, fun(L) -> [catch list_to_existing_atom(X) || X <- L] end},
     {copy_shared, Deep, fun(T) -> erts_debug:copy_shared(T, false) end}, {flat_size, Deep, fun erts_debug:flat_size/1},
     {copy_shared_binaries, fun() -> [bin(100) || _ <- ints(200000)] end, fun(T) -> erts_debug:copy_shared(T, false) end},
     {garbage_collect, Deep, fun(T) -> erlang:garbage_collect(), T end},
     {collection_in_code, Deep, fun(T) -> {T, build(6000000, [])} end},
     {send_big_bif, fun() -> {spawn(fun() -> receive stop -> ok end end), deep(300000)} end, fun({P, T}) -> erlang:send(P, T, [noconnect]) end},
     {send_big_binary_list, fun() -> {spawn(fun() -> receive stop -> ok end end), [bin(100) || _ <- ints(300000)]} end, fun({P, T}) -> P ! T end},
     {exit_signal_big, fun() -> {spawn(fun() -> process_flag(trap_exit, true), receive stop -> ok end end), deep(300000)} end, fun({P, T}) -> exit(P, T) end},
     {put_dictionary, Deep, fun(T) -> put(holds_key3, T) end},
     {process_heap_freed, fun none/0, fun(_) -> {_, R} = spawn_opt(fun() -> deep(300000), ok end, [monitor, {min_heap_size, 20000000}]), receive {'DOWN', R, _, _, _} -> ok end end},
     {process_links_freed, fun() -> [spawn(fun() -> process_flag(trap_exit, true), receive stop -> ok end end) || _ <- ints(50000)] end,
      fun(Ps) -> {_, R} = spawn_monitor(fun() -> [link(P) || P <- Ps], exit(done) end), receive {'DOWN', R, _, _, _} -> [P ! stop || P <- Ps], ok end end},
     {process_messages_freed, fun none/0,
      fun(_) -> {_, R} = spawn_monitor(fun() -> [self() ! {m, I} || I <- ints(300000)], ok end), receive {'DOWN', R, _, _, _} -> ok end end},
     {process_info_links, fun() -> [spawn_link(fun() -> receive stop -> ok end end) || _ <- ints(50000)] end,
      fun(Ps) -> process_info(self(), links), [P ! stop || P <- Ps] end},
     {process_info_dictionary, fun() -> [put(I, I) || I <- ints(200000)], ok end, fun(_) -> process_info(self(), dictionary) end},
     {get_all, fun() -> [put(I, I) || I <- ints(200000)], ok end, fun(_) -> get() end},
     {processes, fun() -> [spawn(fun() -> receive stop -> ok end end) || _ <- ints(50000)] end, fun(Ps) -> _ = id(processes()), [P ! stop || P <- Ps] end},
     {big_add, fun() -> {1 bsl big_bits() - 1, 1 bsl big_bits() - 3} end, fun({A, B}) -> A + B end},
     {big_shift, fun() -> 1 bsl big_bits() - 1 end, fun(A) -> A bsl 12345 end},
     {big_and, fun() -> {1 bsl big_bits() - 1, 1 bsl big_bits() - 3} end, fun({A, B}) -> A band B end},
     {big_divide_bif, fun() -> {1 bsl 8000000 - 1, 1 bsl 4000000 - 3} end, fun({A, B}) -> erlang:'div'(id(A), id(B)) end},
     {binary_match_pattern, Bin, fun(B) -> case B of <<"abcdefghij", R/binary>> -> byte_size(R) end end},
     {binary_append_big, fun() -> bin(50000000) end, fun(B) -> <<1, B/binary>> end},
     {maps_fold_iterator, fun() -> map(500000) end, fun(M) -> maps:fold(fun(_, _, A) -> A end, ok, M) end},
     {maps_equal, fun() -> {map(500000), maps:map(fun(_, V) -> V end, map(500000))} end, fun({A, B}) -> A =:= B end},
     {ets_delete_bag_key, fun() -> T = ets:new(t, [bag]), ets:insert(T, [{a, I} || I <- ints(100000)]), T end, fun(T) -> ets:delete(T, a) end},
     {ets_take_big_object, fun() -> T = ets:new(t, []), ets:insert(T, {a, deep(300000)}), T end, fun(T) -> ets:take(T, a) end},
     {ets_delete_big_object, fun() -> T = ets:new(t, []), ets:insert(T, {a, deep(300000)}), T end, fun(T) -> ets:delete(T, a) end},
     {ets_lookup_element_big, fun() -> T = ets:new(t, []), ets:insert(T, {a, deep(300000)}), T end, fun(T) -> ets:lookup_element(T, a, 2) end},
     {ets_insert_big_binaries, fun() -> {ets:new(t, []), [bin(100) || _ <- ints(300000)]} end, fun({T, L}) -> ets:insert(T, {a, L}) end},
     {atom_to_list_many, fun() -> [list_to_atom("holds" ++ integer_to_list(I)) || I <- ints(20000)] end, fun(L) -> [atom_to_list(X) || X <- L] end},
     {zip_sort, fun() -> [{X, X} || X <- shuffled(500000)] end, fun(L) -> lists:keysort(1, L) end},
     {persistent_get_all, fun() -> [persistent_term:put({holds, I}, I) || I <- ints(50000)], ok end,
      fun(_) -> R = persistent_term:get(), erts_internal:erase_persistent_terms(), R end},
     {split_binary, Bin, fun(B) -> split_binary(B, 20000000) end},
     {list_to_integer_base, fun() -> lists:duplicate(1000000, $f) end, fun(L) -> list_to_integer(L, 16) end},
     {term_to_text, fun() -> deep(20000) end, fun(T) -> length(io_lib:format("~w", [T])) end}].

id(X) -> X.

%% Of which the compiler makes no constant.
big_bits() -> id(30000000).

build(0, L) -> L;
build(N, L) -> build(N - 1, [N | L]).
