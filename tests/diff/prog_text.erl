%% diff: full
%% Text: word counts, wrapping, Roman numbers, ciphers, anagrams, edit distance, run lengths.
-module(prog_text).
-export([run/0]).
-include("diff.hrl").

run() ->
    T = "It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of foolishness",
    [lists:sort(maps:to_list(words(T))), wrap(T, 30), [roman(N)
        || N <- [1, 4, 9, 14, 40, 90, 400, 1994, 2024, 3999]], caesar("Hello, World", 3),
        caesar(caesar("abcxyz", 5), -5), anagrams(["listen", "silent", "enlist", "google", "elgoog",
        "abc"]), lev("kitten", "sitting"), lev("", "abc"), rle("aaabccddddd"), unrle(rle("aaabcc")),
        pal("A man, a plan, a canal: Panama"), vigenere("ATTACKATDAWN", "LEMON"),
        justify(["a", "bb", "ccc"], 10), io_lib:format("~s",
        [string:join(lists:map(fun string:titlecase/1, string:lexemes(T, " ,")), " ")])].
words(T) ->
    lists:foldl(fun(W, M) -> maps:update_with(string:lowercase(W), fun(X) -> X + 1 end, 1, M) end,
        #{}, string:lexemes(T, " ,")).
wrap(T, N) -> w(string:lexemes(T, " "), N, "", []).
w([], _, L, A) -> lists:reverse([L | A]);
w([X | Xs], N, "", A) -> w(Xs, N, X, A);
w([X | Xs], N, L, A) when length(L) + 1 + length(X) =< N -> w(Xs, N, L ++ " " ++ X, A);
w(Xs, N, L, A) -> w(Xs, N, "", [L | A]).
roman(0) -> "";
roman(N) ->
    {V, S} = hd([X || {V0, _} = X <- [{1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"},
        {90, "XC"}, {50, "L"}, {40, "XL"}, {10, "X"}, {9, "IX"}, {5, "V"}, {4, "IV"}, {1, "I"}],
        V0 =< N]), S ++ roman(N - V).
caesar(S, K) ->
    [if C >= $a, C =< $z -> (C - $a + K + 26) rem 26 + $a; C >= $A,
        C =< $Z -> (C - $A + K + 26) rem 26 + $A; true -> C end || C <- S].
anagrams(Ws) ->
    M = lists:foldl(fun(W, M) -> maps:update_with(lists:sort(W), fun(L) -> [W | L] end, [W], M) end,
        #{}, Ws), lists:sort([lists:sort(L) || L <- maps:values(M), length(L) > 1]).
lev(A, B) ->
    lists:last(lists:foldl(fun(C, [P | _] = Row) -> row(C, B, Row, [P + 1]) end,
        lists:seq(0, length(B)), A)).
row(_, [], _, Acc) -> lists:reverse(Acc);
row(C, [D | Ds], [X, Y | R], [L | _] = Acc) ->
    row(C, Ds, [Y | R], [lists:min([L + 1, Y + 1, X + case C of D -> 0; _ -> 1 end]) | Acc]).
rle([]) -> [];
rle([C | T]) -> {S, R} = lists:splitwith(fun(X) -> X =:= C end, T), [{C, 1 + length(S)} | rle(R)].
unrle(L) -> lists:append([lists:duplicate(N, C) || {C, N} <- L]).
pal(S) -> L = [C || C <- string:lowercase(S), C >= $a, C =< $z], L =:= lists:reverse(L).
vigenere(T, K) ->
    [((A - $A + B - $A) rem 26) + $A || {A, B} <- lists:zip(T,
        lists:sublist(lists:append(lists:duplicate(10, K)), length(T)))].
justify(Ws, N) -> [string:pad(W, N, D, $.) || W <- Ws, D <- [leading, trailing, both]].
