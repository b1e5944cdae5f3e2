%% Random terms through the built-in functions, the same ones on every machine: cases are drawn from a
%% seed, each case's observation goes into a digest of its batch, and only digests are printed. Where
%% a model is at hand (a list for a map, a sorted list for a table) the case checks against it too.
%%
%%   main([Cases, Seed])          {Batch, Digest} per line, a batch is 500 cases
%%   show([Batch, Seed])          every case of one batch as text
%%
%% Nothing here may depend on what machines are free to do: the order of large maps with atoms as
%% keys, of hash tables, of references.
-module(properties).
-export([main/1, show/1, range/1]).

-define(BATCH, 500).
-define(TRY(E), (fun() -> try E of V__ -> {ok, V__} catch C__:R__ -> {C__, R__} end end)()).

main([Cases, Seed]) -> range(["0", integer_to_list((list_to_integer(Cases) + ?BATCH - 1) div ?BATCH), Seed]).

%% Batches From to To - 1.
range([From, To, Seed]) ->
    [begin
         D = lists:foldl(fun(I, Ctx) -> erlang:md5_update(Ctx, term_to_binary(isolated(S, B, I))) end,
                         erlang:md5_init(), lists:seq(1, ?BATCH)),
         io:format("~w ~s~n", [B, [io_lib:format("~2.16.0b", [X]) || <<X>> <= erlang:md5_final(D)]])
     end || S <- [list_to_integer(Seed)], B <- lists:seq(list_to_integer(From), list_to_integer(To) - 1)],
    halt().

show([Batch, Seed]) ->
    [io:format("~w ~tw~n", [I, isolated(list_to_integer(Seed), list_to_integer(Batch), I)]) || I <- lists:seq(1, ?BATCH)],
    halt().

%% The generator's state follows from the case's number alone, so that one difference is one line.
isolated(Seed, Batch, I) ->
    rand:seed(exsss, (Seed bsl 64) + Batch * ?BATCH + I),
    Kinds = [compare, hash, print, etf, damaged, maps, binary, bits, sort, re, ets, unicode, numbers, texts, lists, packet],
    Kind = pick(Kinds),
    {Kind, ?TRY(property(Kind))}.

n(N) -> rand:uniform(N).
pick(L) -> lists:nth(n(length(L)), L).
many(Max, F) -> [F() || _ <- lists:seq(1, n(Max + 1) - 1)].

%% ---- terms ----

int() ->
    case n(6) of
        1 -> n(20) - 10;
        2 -> n(1000000) - 500000;
        3 -> Edge = pick([1 bsl 27, 1 bsl 31, 1 bsl 32, 1 bsl 58, 1 bsl 59, 1 bsl 60, 1 bsl 62, 1 bsl 63, 1 bsl 64, 1 bsl 128]),
             pick([1, -1]) * (Edge + n(5) - 3);
        4 -> <<I:64/signed>> = bytes(8), I;
        5 -> N = n(40), <<I:N/signed-unit:8>> = bytes(N), I;
        6 -> pick([0, 1, -1, 255, 256])
    end.

float() ->
    case n(5) of
        1 -> float(n(2000) - 1000);
        2 -> pick([0.0, -0.0, 1.0, 0.1, 1.0e22, 1.0e23, 5.0e-324, 1.7976931348623157e308, 9007199254740992.0, 9007199254740993.0,
                   -1.0e15, 123456789012345680.0, 1.0e21, 2.2250738585072014e-308, 0.30000000000000004]);
        3 -> n(1000000) / 1000;
        _ -> case bytes(8) of <<F:64/float>> -> F; _ -> 1.5 end
    end.

atom() -> pick([a, b, '', 'A b', true, false, undefined, [], 'åäö', '\x{4e2d}', 'x@y', ok, error, '\n', a1]).

bytes(N) -> rand:bytes(N).

bin() ->
    case n(5) of
        1 -> bytes(n(20) - 1);
        2 -> list_to_binary(many(100, fun() -> n(4) + $a end));
        3 -> B = bytes(n(200)), S = n(byte_size(B)) - 1, L = n(byte_size(B) - S), binary:part(B, S, L);
        4 -> B = bytes(40), S = n(100), L = n(100), <<_:S, X:L/bitstring, _/bitstring>> = B, X;
        5 -> <<>>
    end.

term(0) ->
    case n(7) of
        1 -> float();
        2 -> atom();
        3 -> bin();
        4 -> pick([[], {}, #{}, <<>>, fun lists:map/2, fun erlang:abs/1]);
        _ -> int()
    end;
term(D) ->
    case n(9) of
        1 -> many(8, fun() -> term(D - 1) end);
        2 -> list_to_tuple(many(6, fun() -> term(D - 1) end));
        3 -> maps:from_list([{term(D - 1), term(D - 1)} || _ <- lists:seq(1, n(6) - 1)]);
        4 -> big_map();
        5 -> [term(D - 1) | term(0)];
        6 -> many(20, fun() -> n(256) - 1 end);
        _ -> term(0)
    end.
term() -> term(n(5) - 1).

%% More than 32 keys, none of them an atom or holding one.
big_map() -> maps:from_list([{plain_key(), int()} || _ <- lists:seq(1, 20 + n(80))]).
plain_key() -> case n(5) of 1 -> bin(); 2 -> float(); 3 -> {int(), n(10)}; 4 -> [n(100)]; _ -> int() end.

%% A term that differs a little, or not at all.
similar(T) ->
    case n(4) of
        1 -> T;
        _ -> near(T)
    end.
near(I) when is_integer(I) -> pick([I, I + 1, -I, try float(I) catch _:_ -> I end, I * 2]);
near(F) when is_float(F) -> pick([F, -F, trunc(F), F / 2]);
near(B) when is_bitstring(B) -> pick([B, <<B/bitstring, 0:1>>, <<0, B/bitstring>>]);
near([H | T]) -> case n(2) of 1 -> [near(H) | T]; 2 -> [H | near(T)] end;
near(T) when is_tuple(T), tuple_size(T) > 0 -> I = n(tuple_size(T)), setelement(I, T, near(element(I, T)));
near(M) when is_map(M), map_size(M) > 0, map_size(M) < 33 ->
    {K, V} = pick(lists:sort(maps:to_list(M))),
    case n(3) of 1 -> M#{K := near(V)}; 2 -> (maps:remove(K, M))#{near(K) => V}; 3 -> maps:remove(K, M) end;
near(M) when is_map(M), map_size(M) > 32 -> [{K, V} | _] = lists:sort(maps:to_list(M)), pick([M#{K := near(V)}, maps:remove(K, M)]);
near(X) -> X.

%% ---- properties ----

property(compare) ->
    A = term(), B = similar(A), C = term(),
    [[X < Y, X == Y, X =:= Y, X =< Y, X /= Y, max(X, Y) =:= X, erts_internal:cmp_term(X, Y) < 0] || X <- [A, B, C], Y <- [A, B, C]];
property(hash) ->
    T = term(),
    {erlang:phash2(T), erlang:phash2(T, n(1 bsl 32)), erlang:phash(T, n(1 bsl 32)), erlang:phash2(similar(T)), T =:= binary_to_term(term_to_binary(T)),
     erlang:md5(bytes(n(300))), erlang:crc32(n(1000), bytes(n(300))), erlang:adler32(bytes(n(6000)))};
property(print) ->
    T = term(),
    {io_lib:format("~w", [T]), io_lib:format("~tp", [T]), io_lib:format("~0p", [T]), io_lib:format("~P", [T, n(20)]), io_lib:format("~ts", [io_lib:write(T)])};
property(etf) ->
    T = term(),
    B = term_to_binary(T),
    O = pick([[], [compressed], [{compressed, n(10) - 1}], [{minor_version, 0}], [{minor_version, 1}], [{minor_version, 2}], [deterministic]]),
    B2 = ?TRY(term_to_binary(T, O)),
    T = binary_to_term(B),
    {B, B2, case B2 of {ok, X} -> binary_to_term(X) =:= T; _ -> no end, ?TRY(erlang:external_size(T)), ?TRY(erlang:external_size(T, O)),
     iolist_to_binary(term_to_iovec(T)), ?TRY(binary_to_term(<<B/binary, 1, 2>>, [used]))};
property(damaged) ->
    B = term_to_binary(term(n(3) - 1)),
    At = n(byte_size(B)) - 1,
    <<L:At/binary, X, R/binary>> = B,
    D = case n(4) of 1 -> L; 2 -> <<L/binary, (X bxor (1 bsl (n(8) - 1))), R/binary>>; 3 -> <<L/binary, R/binary>>; 4 -> <<L/binary, (n(256) - 1), R/binary>> end,
    case names_an_atom_by_index(D) of
        true -> skipped;
        false -> {ok_or_error(?TRY(binary_to_term(D)))}
    end;
property(maps) ->
    Key = case n(2) of 1 -> fun() -> n(60) end; 2 -> fun plain_key/0 end,
    Ops = many(150, fun() -> pick([{put, Key(), n(9)}, {put, Key(), n(9)}, {put, Key(), n(9)}, {remove, Key()}, {take, Key()}, {update, Key(), 0}, {get, Key()}]) end),
    {M, Model, Seen} = lists:foldl(fun map_op/2, {#{}, [], []}, Ops),
    true = lists:sort(maps:to_list(M)) =:= lists:sort(Model),
    Other = maps:from_list([{Key(), n(9)} || _ <- lists:seq(1, n(50))]),
    Merged = maps:merge(M, Other),
    {maps:to_list(M), maps:keys(Merged), maps:values(Merged), Seen, maps:fold(fun(K, V, A) -> [{K, V} | A] end, [], Other),
     maps:filter(fun(_, V) -> V > 4 end, Merged), maps:map(fun(_, V) -> V + 1 end, Merged), M == maps:from_list(lists:reverse(Model)), M < Other,
     maps:with([Key() || _ <- lists:seq(1, 5)], Merged), maps:without([Key() || _ <- lists:seq(1, 5)], Merged), maps:from_keys([Key() || _ <- lists:seq(1, 40)], x),
     maps:merge_with(fun(_, X, Y) -> {X, Y} end, M, Other), erlang:phash2(Merged)};
property(binary) ->
    Alphabet = n(3),
    S = fun(N) -> list_to_binary(many(N, fun() -> $a + n(Alphabet) - 1 end)) end,
    B = S(80),
    P = case n(3) of 1 -> S(3); 2 -> S(1); 3 -> many(4, fun() -> S(4) end) end,
    Scope = {n(40) - 3, n(50) - 20},
    O = pick([[], [{scope, Scope}]]),
    {?TRY(binary:match(B, P, O)), ?TRY(binary:matches(B, P, O)), ?TRY(binary:matches(B, binary:compile_pattern(P))), ?TRY(binary:split(B, P, pick([[], [global], [global, trim], [global, trim_all], [trim_all]]) ++ O)),
     ?TRY(binary:replace(B, P, <<"X">>, pick([[], [global], [global, {insert_replaced, 1}]]))), ?TRY(binary:part(B, Scope)), ?TRY(binary:at(B, n(80))),
     ?TRY(binary:longest_common_prefix([B, S(80), B])), ?TRY(binary:longest_common_suffix([B, S(10)])), ?TRY(binary:copy(B, n(4) - 1)),
     ?TRY(binary:encode_unsigned(abs(int()), pick([big, little]))), ?TRY(binary:decode_unsigned(bin(), pick([big, little]))), ?TRY(binary:bin_to_list(B, Scope)), ?TRY(binary:encode_hex(bin())),
     ?TRY(string:find(B, S(3))), ?TRY(binary_part(B, Scope))};
property(bits) ->
    I = int(), F = float(), N = n(140) - 1, K = n(80), B = bin(),
    Bits = <<B/bitstring, I:N, B/bitstring>>,
    Skip = n(bit_size(Bits) + 1) - 1,
    <<_:Skip, Rest/bitstring>> = Bits,
    {Bits, <<I:N/little>>, <<B/bitstring, I:K/little-signed>>, ?TRY(<<F:64/float, F:32/float-little>>), ?TRY(<<F:16/float>>),
     case Rest of <<X:K, _/bitstring>> -> X; _ -> no end, case Rest of <<X:K/signed-little, R/bitstring>> -> {X, R}; _ -> no end,
     case Rest of <<X:64/float, _/bitstring>> -> X; _ -> no end, case Rest of <<X/utf8, _/bitstring>> -> X; <<X/utf16-little, _/bitstring>> -> {w, X}; _ -> no end,
     [X || <<X:5>> <= Rest], << <<X:3>> || <<X:7>> <= Rest >>, ?TRY(<<I/utf8>>), ?TRY(<<(n(16#10ffff))/utf16>>), ?TRY(bitstring_to_list(Rest)),
     ?TRY(list_to_bitstring([B, [I band 255], B])), ?TRY(split_binary(B, n(20))), byte_size(Rest), ?TRY(binary_to_list(B, n(10), n(20)))};
property(sort) ->
    L = case n(3) of 1 -> many(60, fun() -> term(1) end); 2 -> many(200, fun() -> n(50) end); 3 -> many(40, fun() -> {n(5), term(0)} end) end,
    T = [{X, I} || {I, X} <- lists:zip(lists:seq(1, length(L)), L)],
    {lists:sort(L), lists:usort(L), lists:keysort(1, T), lists:ukeysort(1, T), lists:sort(fun(A, B) -> A >= B end, L), lists:merge(lists:sort(L), lists:sort(T)),
     lists:umerge([lists:usort(L), lists:usort(T)]), lists:max([0 | L]), lists:min([0 | L]), L -- lists:sublist(L, 10), lists:keymerge(1, lists:keysort(1, T), lists:keysort(1, T))};
property(re) ->
    Re = regex(3),
    S = many(40, fun() -> pick("abc\n 1_B.") end),
    O = pick([[], [caseless], [multiline], [dotall], [ungreedy], [extended], [unicode], [anchored], [dollar_endonly], [{newline, any}], [firstline], [no_auto_capture], [bsr_anycrlf], [dupnames]]),
    R = pick([[], [global], [{capture, all, list}], [{capture, all_but_first, binary}], [{capture, none}], [global, {capture, first, list}], [notbol], [noteol], [notempty], [{offset, n(length(S) + 1) - 1}], [{capture, [1, 2], index}]]),
    {Re, case re:compile(Re, O) of {ok, {re_pattern, N, U, Crlf, _}} -> {N, U, Crlf, ?TRY(re:run(S, Re, O ++ R))}; {error, _} -> error end,
     ?TRY(re:replace(S, Re, "<&>", [{return, list}, global])), ?TRY(re:split(S, Re, [{return, list}]))};
property(ets) ->
    Type = pick([set, ordered_set, bag, duplicate_bag]),
    T = ets:new(t, [Type, public | pick([[], [{write_concurrency, true}], [compressed], [{keypos, 2}], [{read_concurrency, true}, {decentralized_counters, true}]])]),
    Obj = fun() -> {pick([n(10), float(n(10)), a, b, {n(2), n(3)}]), n(10), term(1)} end,
    Key = fun() -> element(1, Obj()) end,
    Out = [{Op, sorted(Type, ?TRY(ets_op(T, Op, Key, Obj)))} || Op <- many(60, fun() -> n(24) end)],
    Final = in_order(ets:tab2list(T)),
    ets:delete(T),
    {Type, Out, Final};
property(unicode) ->
    B = case n(3) of 1 -> bytes(n(30)); 2 -> << <<(n(16#d7ff))/utf8>> || _ <- lists:seq(1, n(10)) >>; 3 -> list_to_binary(pick(["abc", [195], [195, 165], [240, 159, 152], [237, 160, 128]])) end,
    E = fun() -> pick([latin1, utf8, unicode, utf16, utf32, {utf16, little}, {utf32, little}]) end,
    L = many(6, fun() -> pick([n(300), n(70000), B, "x", [n(128)], 16#d800, -1]) end),
    {?TRY(unicode:characters_to_list(B, E())), ?TRY(unicode:characters_to_binary(B, E(), E())), ?TRY(unicode:characters_to_list(L, E())), ?TRY(unicode:characters_to_binary(L, E(), E())),
     ?TRY(unicode:characters_to_nfc_list(B)), ?TRY(binary_to_atom(B, pick([utf8, latin1]))) =:= x, ?TRY(string:length(B)), ?TRY(string:uppercase(L))};
property(numbers) ->
    A = int(), B = int(), F = float(), G = float(), S = n(200) - 100,
    [?TRY(A + B), ?TRY(A - B), ?TRY(A * B), ?TRY(A div B), ?TRY(A rem B), ?TRY(A / B), A band B, A bor B, A bxor B, bnot A, ?TRY(A bsl S), ?TRY(A bsr S), -A, abs(B),
     ?TRY(F + G), ?TRY(F * G), ?TRY(F / G), ?TRY(F - A), ?TRY(A * G), trunc(F), round(F), ceil(F), floor(G), ?TRY(float(A)), ?TRY(math:sqrt(F)), ?TRY(math:pow(F, 2)), ?TRY(math:fmod(F, G)),
     A < F, A == F, F =< B, A > B, ?TRY(math:log2(A)), ?TRY(math:floor(F))];
property(texts) ->
    I = int(), F = float(), Base = 1 + n(35),
    S = many(12, fun() -> pick("0123456789+-.eEaF z_") end),
    [integer_to_list(I, Base), integer_to_binary(I), list_to_integer(integer_to_list(I, Base), Base) =:= I, float_to_list(F), float_to_list(F, [short]), ?TRY(float_to_list(F, [{decimals, n(30) - 1}])),
     ?TRY(float_to_binary(F, [{decimals, n(20)}, compact])), ?TRY(float_to_list(F, [{scientific, n(25) - 1}])), ?TRY(list_to_integer(S)), ?TRY(list_to_integer(S, Base)), ?TRY(list_to_float(S)),
     ?TRY(binary_to_integer(list_to_binary(S), Base)), ?TRY(binary_to_float(list_to_binary(S))), ?TRY(string:to_integer(S)), ?TRY(string:to_float(S)), list_to_float(float_to_list(F, [short])) =:= F,
     ?TRY(io_lib:format("~.*f ~e ~g ~.*b", [n(10), F, F, Base, I]))];
property(lists) ->
    L = many(30, fun() -> n(6) end), M = many(30, fun() -> {n(6), n(3)} end), X = n(6),
    IoList = iolist(4),
    [L ++ M, L -- [X, 1, 2, X], lists:reverse(L, M), lists:member(X, L), lists:keyfind(X, 1, M), lists:keymember(float(X), 1, M), lists:keyreplace(X, 1, M, {z, z}), lists:keytake(X, 1, M), lists:delete(X, L),
     ?TRY(iolist_size(IoList)), ?TRY(iolist_to_binary(IoList)), ?TRY(iolist_to_binary(erlang:iolist_to_iovec(IoList))), ?TRY(list_to_binary(IoList)), ?TRY(list_to_bitstring(IoList)), ?TRY(lists:flatten(IoList)), ?TRY(length(IoList)),
     list_to_tuple(L), ?TRY(setelement(X, list_to_tuple(L), q)), ?TRY(erlang:insert_element(X, list_to_tuple(L), q)), ?TRY(erlang:delete_element(X, list_to_tuple(L))), ?TRY(lists:nth(X, L)), lists:usort(M), lists:zip(L, L)];
property(packet) ->
    B = case n(3) of 1 -> bytes(n(30)); 2 -> list_to_binary(many(30, fun() -> pick("GET /aHT1.:\r\n \t") end)); 3 -> list_to_binary([pick(["GET ", "POST ", "HTTP/1.1 ", "Host: ", "x-y: "]), many(20, fun() -> pick("abc/:*?%1 .") end), pick(["\r\n", "\n", " HTTP/1.0\r\n", "\r\nA", ""])]) end,
    Type = pick([raw, 0, 1, 2, 4, asn1, sunrm, cdr, fcgi, tpkt, line, http, http_bin, httph, httph_bin]),
    {Type, ?TRY(erlang:decode_packet(Type, B, pick([[], [{packet_size, n(40)}], [{line_length, n(10)}], [{line_delimiter, $a}]])))}.

map_op({put, K, V}, {M, L, S}) -> {M#{K => V}, lists:keystore(K, 1, exact(K, L), {K, V}), S};
map_op({remove, K}, {M, L, S}) -> {maps:remove(K, M), exact(K, L), S};
map_op({take, K}, {M, L, S}) -> case maps:take(K, M) of error -> {M, L, S}; {V, M2} -> {M2, exact(K, L), [V | S]} end;
map_op({update, K, V}, {M, L, S}) -> case ?TRY(M#{K := V}) of {ok, M2} -> {M2, [{K, V} | exact(K, L)], S}; {error, {badkey, K}} -> {M, L, S} end;
map_op({get, K}, {M, L, S}) -> {M, L, [maps:get(K, M, none) | S]}.
exact(K, L) -> [P || {K1, _} = P <- L, K1 =/= K].

%% Two tags that are internal to the stock VM, 73 and 75, stand for atoms by their place in its table.
names_an_atom_by_index(B) -> binary:match(B, [<<73>>, <<75>>]) =/= nomatch.

ok_or_error({ok, V}) -> {ok, V};
ok_or_error(E) -> E.

ets_op(T, N, Key, Obj) ->
    P = fun() -> pick([{'$1', '$2', '_'}, {'_', '$1', '_'}, {Key(), '_', '$1'}, {{'$1', 1}, '_', '_'}, '_', {'$1', '$1', '_'}]) end,
    case N of
        1 -> ets:insert(T, Obj()); 2 -> ets:insert(T, many(5, Obj)); 3 -> ets:insert_new(T, Obj()); 4 -> ets:insert_new(T, many(3, Obj));
        5 -> ets:lookup(T, Key()); 6 -> ets:member(T, Key()); 7 -> ets:delete(T, Key()); 8 -> ets:take(T, Key()); 9 -> ets:delete_object(T, Obj());
        10 -> ets:update_counter(T, Key(), {2, n(5)}); 11 -> ets:update_counter(T, Key(), {2, n(5), 12, 0}, {k, 1, x}); 12 -> ets:update_element(T, Key(), {3, term(1)});
        13 -> ets:match(T, P()); 14 -> ets:match_object(T, P()); 15 -> ets:select(T, [{P(), [{'>', '$1', 3}], ['$_', '$$']}]);
        16 -> ets:select_count(T, [{P(), [{'is_integer', '$1'}], [true]}]); 17 -> ets:select_delete(T, [{{Key(), '$1', '_'}, [{'<', '$1', 4}], [true]}]);
        18 -> ets:select_replace(T, [{{'$1', '$2', '$3'}, [{'==', '$2', n(10)}], [{{'$1', {'+', '$2', 1}, '$3'}}]}]);
        19 -> ets:match_delete(T, {Key(), n(10), '_'}); 20 -> ets:info(T, size); 21 -> ets:lookup_element(T, Key(), 2);
        22 -> case ets:info(T, type) of ordered_set -> {ets:first(T), ets:last(T), ets:next(T, Key()), ets:prev(T, Key())}; _ -> ok end;
        23 -> case ets:info(T, type) of ordered_set -> walk(ets:select(T, [{P(), [], ['$_']}], 3), []); _ -> in_order(walk(ets:select(T, [{P(), [], ['$_']}], 3), [])) end;
        24 -> ets:foldl(fun(O, A) -> [O | A] end, [], T)
    end.
walk('$end_of_table', Acc) -> Acc;
walk({L, C}, Acc) -> walk(ets:select(C), L ++ Acc).
%% Results of hash tables in any order.
sorted(ordered_set, R) -> R;
sorted(_, {ok, {L}}) -> {ok, {L}};
sorted(_, {ok, L}) when is_list(L) -> {ok, in_order(L)};
sorted(_, R) -> R.
%% 1 and 1.0 are equal for sort/1, their external terms are not.
in_order(L) -> [T || {_, T} <- lists:sort([{term_to_binary(T), T} || T <- L])].

regex(0) -> pick(["a", "b", "c", ".", "\\d", "\\w", "\\s", "[abc]", "[^a]", "[a-c1]", "^", "$", "\\b", "\\n", "\\.", "[[:alpha:]]", "\\B", "x", "_"]);
regex(D) ->
    case n(13) of
        1 -> [regex(D - 1), regex(D - 1)];
        2 -> ["(", regex(D - 1), ")"];
        3 -> ["(?:", regex(D - 1), ")", pick(["*", "+", "?", "{2}", "{1,2}", "*?", "+?", "??", "++"])];
        4 -> [regex(D - 1), "|", regex(D - 1)];
        5 -> ["(", regex(D - 1), ")", pick(["*", "+", "?"])];
        6 -> ["(?=", uncaptured(lists:flatten(regex(D - 1))), ")", regex(D - 1)];
        7 -> ["(?!", uncaptured(lists:flatten(regex(D - 1))), ")", regex(D - 1)];
        8 -> ["([ab]", regex(0), ")\\1"];
        9 -> ["(?<n>", regex(D - 1), ")", regex(D - 1)];
        10 -> ["(?i)", regex(D - 1)];
        11 -> ["(?>", regex(D - 1), ")", regex(D - 1)];
        _ -> [regex(0), regex(D - 1)]
    end.

%% What a group in an assertion captured stays captured in PCRE 8 when the match goes back before the
%% assertion, though nothing says so; there are none in the generated ones.
uncaptured("\\1" ++ T) -> uncaptured(T);
uncaptured("(?<n>" ++ T) -> "(?:" ++ uncaptured(T);
uncaptured("(?" ++ T) -> "(?" ++ uncaptured(T);
uncaptured("(" ++ T) -> "(?:" ++ uncaptured(T);
uncaptured([C | T]) -> [C | uncaptured(T)];
uncaptured([]) -> [].

iolist(0) -> pick([[], <<"ab">>, [n(256) - 1], "xyz"]);
iolist(D) -> case n(8) of 1 -> [n(256) - 1 | iolist(D - 1)]; 2 -> [n(300), a]; 3 -> [<<1:3>>]; _ -> [iolist(D - 1) | iolist(D - 1)] end.
