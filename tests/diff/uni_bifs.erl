%% diff: full
%% unicode: lists and binaries in all encodings, errors and incomplete input, normal forms.
-module(uni_bifs).
-export([run/0]).
-include("diff.hrl").

run() ->
    Is = ["abc", "é€😀", [1024, "x", [<<"é"/utf8>>]], <<"plain">>, <<195, 169>>, <<195>>,
        <<255, 254>>, [<<195>>, <<169>>], [<<226, 130>>, <<172>>, $x], [16#d800], [16#110000], [-1],
        [a], a, <<1:3>>, [<<"ok">>, <<195>>], [], <<>>, [<<240, 159, 152>>], ["a" | <<"b">>],
        <<237, 160, 128>>, [<<255>>, "rest"]],
    Es = [utf8, latin1, utf16, {utf16, little}, utf32, {utf32, little}, unicode],
    [{I, ?TRY(unicode:characters_to_list(I)), ?TRY(unicode:characters_to_binary(I)),
        ?TRY(unicode:characters_to_list(I, latin1)), ?TRY(unicode:characters_to_binary(I, latin1,
        utf8))} || I <- Is]
     ++ [{E, F, ?TRY(unicode:characters_to_binary(unicode:characters_to_binary("aé€😀", utf8, E), E,
         F))} || E <- Es, F <- Es] ++ [{E, ?TRY(unicode:characters_to_list(<<0, 97, 216, 61, 222,
         0>>, E)), ?TRY(unicode:characters_to_list(<<97, 0, 61, 216, 0>>, E)),
         unicode:encoding_to_bom(E)} || E <- Es] ++ [unicode:bom_to_encoding(B)
         || B <- [<<239, 187, 191>>, <<254, 255>>, <<255, 254>>, <<255, 254, 0, 0>>, <<>>, <<"a">>]]
     ++ [unicode:characters_to_nfc_list("e" ++ [769]), unicode:characters_to_nfd_list([233]),
         unicode:characters_to_nfkc_binary(<<"ﬁ"/utf8>>),
         unicode:characters_to_nfkd_list([16#fb01]), ?TRY(unicode:characters_to_list("a", bad)),
         ?TRY(unicode:characters_to_binary("a", utf8, bad))].
