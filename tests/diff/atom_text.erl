%% Atoms: text both ways in every encoding, lengths, order, what needs quotes.
-module(atom_text).
-export([run/0]).
-include("diff.hrl").

run() ->
    Long = [$a || _ <- diff_runner:seq(1, 255)], Wide = [1078 || _ <- diff_runner:seq(1, 255)],
    As = [a, 'A', 'a b', '', 'é', 'жук', '日本', '\n', 'it\'s', '\\', 'true', '_x', 'a@b', '1a', 'ß',
        'Ä', '{}', '[]', 'and', 'div', 'end', '😀'],
    [{A, atom_to_list(A), atom_to_binary(A), atom_to_binary(A, utf8),
        ?TRY(atom_to_binary(A, latin1)), byte_size(atom_to_binary(A)),
        binary_to_atom(atom_to_binary(A)) =:= A, list_to_atom(atom_to_list(A)) =:= A,
        binary_to_existing_atom(atom_to_binary(A), utf8)} || A <- As]
     ++ [length(atom_to_list(list_to_atom(Long))), length(atom_to_list(list_to_atom(Wide))),
         byte_size(atom_to_binary(list_to_atom(Wide))), ?TRY(list_to_atom([$a | Long])),
         ?TRY(list_to_atom([1078 | Wide])), ?TRY(binary_to_atom(list_to_binary([$a | Long]),
         latin1)), binary_to_atom(<<233>>, latin1), ?TRY(binary_to_atom(<<233>>, utf8)),
         ?TRY(binary_to_atom(<<"a">>, ?ID(bad))), ?TRY(atom_to_binary(a, ?ID(bad))),
         ?TRY(binary_to_existing_atom(<<"no such atom here 99">>)),
         ?TRY(binary_to_existing_atom(<<"no such atom here 98">>, latin1)),
         ?TRY(list_to_existing_atom("no such atom here 97")), ?TRY(binary_to_atom(?ID(a))),
         ?TRY(list_to_atom(?ID([16#d800]))), ?TRY(list_to_atom(?ID([16#110000]))),
         ?TRY(binary_to_atom(<<237, 160, 128>>))]
     ++ [[X < Y || X <- As, Y <- As] =:= [atom_to_list(X) < atom_to_list(Y) || X <- As, Y <- As]].
