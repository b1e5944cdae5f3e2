%% Huffman codes: built, used to encode into a bit string, decoded again.
-module(prog_huffman).
-export([run/0]).
-include("diff.hrl").

run() ->
    T = "this is an example of a huffman tree, with some repeated text text text", F = freq(T, #{}),
    Tree = build(diff_runner:sorted([{N, C} || {C, N} <- l(F)])),
    Codes = maps:from_list(codes(Tree, <<>>)), E = << <<(map_get(C, Codes))/bits>> || C <- T >>,
    [bit_size(E), E, dec(E, Tree, Tree) =:= T, map_size(Codes),
        diff_runner:sorted([{bit_size(B), C} || {C, B} <- l(Codes)])].
l(M) -> [{K, map_get(K, M)} || K <- maps:keys(M)].
freq([C | T], M) -> freq(T, M#{C => case M of #{C := N} -> N + 1; _ -> 1 end});
freq([], M) -> M.
build([{_, T}]) -> T;
build([{A, X}, {B, Y} | R]) -> build(ins({A + B, {X, Y}}, R)).
ins(X, [H | T]) when element(1, H) < element(1, X) -> [H | ins(X, T)];
ins(X, L) -> [X | L].
codes({L, R}, B) -> codes(L, <<B/bits, 0:1>>) ++ codes(R, <<B/bits, 1:1>>);
codes(C, B) -> [{C, B}].
dec(B, {_, _} = N, T) ->
    case {B, N} of {<<0:1, R/bits>>, {L, _}} -> dec(R, L, T);
        {<<1:1, R/bits>>, {_, X}} -> dec(R, X, T); {<<>>, _} -> [] end;
dec(B, C, T) -> [C | dec(B, T, T)].
