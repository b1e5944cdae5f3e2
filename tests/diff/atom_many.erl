%% Thousands of new atoms: distinct, stable, comparable, found again.
-module(atom_many).
-export([run/0]).
-include("diff.hrl").

run() ->
    L = [list_to_atom("atom_many_" ++ integer_to_list(I)) || I <- diff_runner:seq(1, 5000)],
    M = maps:from_list([{A, I} || {A, I} <- zip(L, diff_runner:seq(1, 5000))]),
    [length(L), map_size(M), maps:get('atom_many_77', M),
        maps:get(list_to_existing_atom("atom_many_4999"), M), 'atom_many_10' < 'atom_many_9',
        hd(L) =:= 'atom_many_1', erlang:phash2(L), [A || A <- L, A > 'atom_many_998',
        A < 'atom_many_999']].
zip([A | As], [B | Bs]) -> [{A, B} | zip(As, Bs)];
zip([], []) -> [].
