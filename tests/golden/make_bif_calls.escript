#!/usr/bin/env escript
%% Writes bif_calls.txt: calls of built-in functions and what the stock VM answers, one a line:
%%   module function [Args] {ok, Value} | {Class, Reason}
%% Terms in hex of the external format. Run with the stock escript in this folder. The calls are made
%% in order by one fresh process, so those on the process dictionary build on each other.
-mode(compile).

main(_) ->
    Self = self(),
    spawn(fun() -> Self ! [call(C) || C <- calls()] end),
    receive Lines -> ok = file:write_file("bif_calls.txt", Lines) end.

hex(T) -> << <<(hd(integer_to_list(N, 16)))>> || <<N:4>> <= term_to_binary(T, [{minor_version, 2}]) >>.

call({M, F, A}) ->
    Result = try {ok, apply(M, F, A)} catch C:R -> {C, R} end,
    io_lib:format("~s ~s ~s ~s\n", [M, F, hex(A), hex(Result)]).

calls() -> maps() ++ lists() ++ tuples() ++ atoms() ++ tests() ++ hashes() ++ dictionary()
        ++ identifiers() ++ booleans().

each(M, F, ArgLists) -> [{M, F, A} || A <- ArgLists].

maps() ->
    Small = #{a => 1, 2 => b, 2.0 => c, <<"k">> => [d], {t} => e},
    M32 = maps:from_list([{I, {I}} || I <- lists:seq(1, 32)]),
    M33 = M32#{33 => {33}},
    Big = maps:from_list([{integer_to_binary(I), I} || I <- lists:seq(1, 80)]),
    Ms = [#{}, Small, M32, M33, Big],
    Keys = [a, 2, 2.0, <<"k">>, {t}, nokey, 1, 33, <<"77">>, "x", #{}, 1 bsl 70],
    KM = [[K, M] || K <- Keys, M <- [notamap | Ms]],
    each(maps, get, KM) ++ each(maps, find, KM) ++ each(maps, is_key, KM) ++ each(maps, remove, KM)
        ++ each(maps, take, KM) ++ each(erlang, map_get, KM) ++ each(erlang, is_map_key, KM)
        ++ each(maps, put, [[K, [new, K], M] || [K, M] <- KM])
        ++ each(maps, update, [[K, [new, K], M] || [K, M] <- KM])
        ++ each(maps, keys, [[M] || M <- [x, {}, [] | Ms]]) ++ each(maps, values, [[M] || M <- [x | Ms]])
        ++ each(erlang, map_size, [[M] || M <- [x, [1] | Ms]])
        ++ each(maps, merge, [[A, B] || A <- [x | Ms], B <- [y | Ms]])
        ++ each(maps, from_list,
                [[L] || L <- [[], [{a, 1}], [{a, 1}, {b, 2}, {a, 3}], [{1, a}, {1.0, b}], [{a, 1} | b], [a], [{a}], x,
                              [{I rem 50, [I]} || I <- lists:seq(1, 300)],
                              [{I rem 20, [I]} || I <- lists:seq(1, 300)],
                              [{{I}, I} || I <- lists:seq(1, 500)]]])
        ++ each(maps, from_keys,
                [[L, "v"] || L <- [[], [a, b, a], lists:seq(1, 100), [a | b], x,
                                   [I rem 7 || I <- lists:seq(1, 100)]]])
        ++ each(erts_internal, map_next,
                [[P, M, H] || M <- [x, #{}, Small, M32, M33], P <- [0, -1, x, 33, 1 bsl 80],
                              H <- [iterator, [], [tail], bad]] -- [[33, M33, H] || H <- [iterator, [], [tail], bad]])
        ++ each(erts_internal, map_to_tuple_keys, [[Small], [M33], [x], [#{}]])
        ++ each(erts_internal, map_hashmap_children, [[Small], [x]]).

lists() ->
    L = lists:seq(1, 50),
    Ls = [[], [a], [a, b], L, [1, 2 | x], x, "abc", [1.0, 2, {3}], [L, L]],
    Pairs = [[A, B] || A <- Ls, B <- Ls],
    Dup = [I * I rem 17 || I <- lists:seq(1, 200)],
    Tuples = [{a, 1}, {1, b}, {2.0, c}, notuple, {}, {<<"bin">>, d, e}, {"s", [x]}, {1 bsl 70, f}, {2, late}],
    each(erlang, '++', Pairs) ++ each(erlang, append, Pairs) ++ each(erlang, '--', Pairs)
        ++ each(erlang, subtract, Pairs)
        ++ each(erlang, '--', [[Dup, Dup], [Dup, lists:seq(1, 100)], [Dup, [1, 1, 1, 4]], [L, [50]], [L, [1]],
                               [[1, 1.0, 1], [1.0]], [[{1}, {1.0}], [{1.0}]], [L ++ L, L], [L, lists:reverse(L)],
                               [[<<I>> || I <- L], [<<I>> || I <- L, I rem 2 =:= 0]]])
        ++ each(lists, reverse, Pairs) ++ each(lists, member, [[E, X] || E <- [a, 1, 1.0, {3}, x, L], X <- Ls])
        ++ [{lists, F, [K, P, T]} || F <- [keyfind, keymember, keysearch],
                                    K <- [a, 1, 1.0, 2, 2.0, <<"bin">>, "s", 1 bsl 70, {}, c, e],
                                    P <- [1, 2, 3, 0, x], T <- [Tuples, [], x, Tuples ++ x]]
        ++ each(lists, keyfind, [[9007199254740993, 1, [{9007199254740992.0}]],
                                 [9007199254740992.0, 1, [{9007199254740993}]]])
        ++ [{erlang, F, [X]} || F <- [hd, tl, length, list_to_tuple], X <- Ls].

tuples() ->
    Ts = [{}, {a}, {a, b, c}, list_to_tuple(lists:seq(1, 100)), x, [a]],
    Is = [0, 1, 2, 3, 4, 100, 101, -1, x, 1 bsl 70],
    [{erlang, element, [I, T]} || I <- Is, T <- Ts]
        ++ [{erlang, setelement, [I, T, "new"]} || I <- Is, T <- Ts]
        ++ [{erlang, insert_element, [I, T, "new"]} || I <- Is, T <- Ts]
        ++ [{erlang, delete_element, [I, T]} || I <- Is, T <- Ts]
        ++ [{erlang, F, [T]} || F <- [tuple_size, tuple_to_list], T <- Ts]
        ++ [{erlang, append_element, [T, {}]} || T <- Ts]
        ++ each(erlang, make_tuple, [[N, "x"] || N <- [0, 1, 5, -1, x, 1 bsl 25, 1 bsl 70]])
        ++ each(erlang, make_tuple, [[3, d, I] || I <- [[], [{1, a}], [{1, a}, {1, b}, {3, c}], [{4, x}], [{0, x}],
                                                        [x], [{1, a} | b], x]])
        ++ each(erlang, make_tuple, [[0, d, []], [0, d, [{1, a}]], [x, d, []]]).

atoms() ->
    As = [a, '', 'hello world', 'åäö', 'π', 'a\nb', list_to_atom(lists:duplicate(255, 960)), 1, "a"],
    Long = binary:copy(<<"a">>, 256),
    Bins = [<<>>, <<"abc">>, <<"åäö"/utf8>>, <<229, 228, 246>>, <<255>>, <<"π"/utf8>>, Long, x, <<1:3>>,
            <<16#ED, 16#A0, 16#80>>, <<16#F4, 16#90, 16#80, 16#80>>, <<16#C0, 16#80>>, binary:copy(<<"é"/utf8>>, 255),
            <<"this is no atom yet, for certain">>],
    Strings = ["", "abc", "åäö", [960], [16#D800], [16#110000], [-1], [a], [1 | 2], x, lists:duplicate(255, $a),
               lists:duplicate(256, $a), lists:duplicate(256, $a) ++ [x], lists:duplicate(255, $a) ++ x,
               lists:duplicate(255, 16#10FFFF), [0], "this is no atom either"],
    [{erlang, atom_to_list, [A]} || A <- As]
        ++ [{erlang, atom_to_binary, [A, E]} || A <- As, E <- [utf8, latin1, unicode, x]]
        ++ [{erlang, binary_to_existing_atom, [B, E]} || B <- Bins, E <- [utf8, latin1, unicode, x]]
        ++ [{erlang, list_to_existing_atom, [S]} || S <- Strings]
        ++ [{erlang, binary_to_atom, [B, E]} || B <- Bins, E <- [utf8, latin1, unicode, x]]
        ++ [{erlang, list_to_atom, [S]} || S <- Strings].

tests() ->
    Ts = [1, 1 bsl 70, 1.5, a, true, false, {}, {a, 1}, [], [1], [1 | 2], <<>>, <<1:1>>, <<1>>, #{},
          maps:from_list([{I, I} || I <- lists:seq(1, 40)]), fun lists:map/2],
    [{erlang, F, [T]} || F <- [is_atom, is_binary, is_bitstring, is_boolean, is_float, is_function, is_integer,
                               is_list, is_map, is_number, is_pid, is_port, is_reference, is_tuple], T <- Ts]
        ++ [{erlang, is_function, [T, A]} || T <- [fun lists:map/2, a], A <- [0, 2, -1, x, 1 bsl 70, -(1 bsl 70)]]
        ++ [{erlang, is_record, [T, Tag]} || T <- [{a, 1}, {}, x], Tag <- [a, b, 1]]
        ++ [{erlang, is_record, [T, Tag, N]} || T <- [{a, 1}, {}, x], Tag <- [a, 1], N <- [0, 1, 2, -1, x]]
        ++ [{erts_internal, term_type, [T]} || T <- Ts]
        ++ [{erlang, Op, [A, B]} || Op <- ['==', '/=', '=:=', '=/=', '<', '=<', '>', '>='], A <- Ts, B <- Ts]
        ++ [{erts_internal, cmp_term, [A, B]} || A <- Ts, B <- Ts].

hashes() ->
    [{erlang, phash2, [T]} || T <- [a, 1, [], {1, [2]}]]
        ++ [{erlang, F, [T, R]} || F <- [phash, phash2], T <- [a, {x, "y"}, 1 bsl 64, [{}]],
                                   R <- [1, 2, 1000, 1 bsl 27, 1 bsl 32, (1 bsl 32) + 1, 0, -1, x, 1.0]].

dictionary() ->
    Put = fun(Ks, V) -> [{erlang, put, [K, V(K)]} || K <- Ks] end,
    Look = [{erlang, get, []}, {erlang, get_keys, []}],
    [{erlang, get, [a]}, {erlang, get, []}, {erlang, get_keys, []}, {erlang, erase, [a]}]
        ++ Put(lists:seq(1, 20), fun(K) -> K end) ++ Look
        ++ [{erlang, erase, [K]} || K <- lists:seq(1, 20, 2)] ++ Look ++ [{erlang, get_keys, [4]}]
        ++ Put(lists:seq(100, 400, 3), fun(K) -> {K} end) ++ Look
        ++ Put(lists:seq(1, 400, 7), fun(K) -> [K] end) ++ Look
        ++ Put(lists:seq(2, 400, 5), fun(K) -> K rem 3 end) ++ Look ++ [{erlang, get_keys, [1]}]
        ++ [{erlang, erase, [K]} || K <- lists:seq(1, 400), K rem 11 > 3] ++ Look
        ++ [{erlang, erase, [K]} || K <- lists:seq(1, 400), K rem 17 > 1] ++ Look
        ++ [{erlang, put, [-1, x]}, {erlang, put, [1 bsl 59, y]}, {erlang, get, [-1]}, {erlang, erase, [-1]},
            {erlang, erase, [1 bsl 59]}, {erlang, erase, []}, {erlang, get, []}].

%% As lists of characters on both sides; local ones only.
identifiers() ->
    Texts = ["<0.1.2>", "<0.32767.8191>", "<0.32768.0>", "<0.1.8192>", "<0.1>", "<0.1.2", "<0.1.2>x", "<0..2>", "", x,
             "<99999999.1.2>", "<0.1.2.3>", [$< | $>], "#Port<0.5>", "#Port<0.268435456>", "#Port<0>",
             "#Ref<0.1.2.3>", "#Ref<0.1.2.262143>", "#Ref<0.1.2.262144>", "#Ref<0.1>", "#Ref<0.4294967296.0.0>",
             "#Ref<0.1.2.3.4>", lists:duplicate(200, $1)],
    %% What they read as is shown by printing it again.
    [{erlang, F, [T]} || {F, Back} <- [{list_to_pid, pid_to_list}, {list_to_port, port_to_list}], T <- Texts,
                         fails(F, T) orelse erlang:Back(erlang:F(T)) =/= T]
        ++ [{erlang, list_to_ref, [T]} || T <- Texts, fails(list_to_ref, T)]
        ++ [{erlang, F, [a]} || F <- [pid_to_list, port_to_list, ref_to_list, node]].

fails(F, T) ->
    try erlang:F(T) of _ -> false catch _:_ -> true end.

booleans() ->
    Bs = [true, false, x, 1],
    [{erlang, Op, [A, B]} || Op <- ['and', 'or', 'xor'], A <- Bs, B <- Bs] ++ [{erlang, 'not', [B]} || B <- Bs].
