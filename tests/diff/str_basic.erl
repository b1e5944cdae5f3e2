%% diff: full
%% The string module on lists and binaries, graphemes included.
-module(str_basic).
-export([run/0]).
-include("diff.hrl").

run() ->
    Ss = ["hello", "", "héllo wörld", <<"bin text"/utf8>>, <<"日本語"/utf8>>, [<<"mix">>, "ed", $!],
        "e\x{301}a", "👨‍👩‍👧x", "flag🇩🇪"],
    [{S, string:length(S), string:to_graphemes(S), string:reverse(S), string:uppercase(S),
        string:lowercase(S), string:titlecase(S), string:casefold(S), string:next_grapheme(S),
        string:next_codepoint(S), string:slice(S, 1, 2), string:is_empty(S), string:to_integer(S),
        string:pad(S, 8, both, $*), string:chomp(S)} || S <- Ss]
    ++ [string:equal("a", <<"a">>), string:equal("É", "é", true),
        string:equal("e\x{301}", [233], false, nfc), string:trim("  x "),
        string:trim("xxaxx", leading, "x"), string:trim(<<" b\n">>, trailing),
        string:split("a,b,c", ","), string:split("a,b,c", ",", trailing),
        string:split(<<"a,b,c">>, ",", all), string:replace("aXbX", "X", "--"),
        string:replace("aXbX", "X", "--", all), string:lexemes("a b,,c", " ,"),
        string:find("hello", "l"), string:find("hello", "l", trailing), string:find("a", "z"),
        string:prefix("prefix", "pre"), string:prefix("x", "pre"), string:take("aabb", "a"),
        string:take("aabb", "b", true), string:take("aabb", "b", false, trailing),
        string:nth_lexeme("a b c", 2, " "), string:to_float("1.5rest"), string:to_float("x"),
        string:to_integer("42rest")].
