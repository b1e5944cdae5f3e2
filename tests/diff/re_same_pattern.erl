%% diff: full
%% Compiled patterns are compared: two ways to write a control character make one pattern.
-module(re_same_pattern).
-export([run/0]).

run() ->
    [{A, B, O, re:compile(A, O) =:= re:compile(B, O), run(A, O), run(B, O)} || {A, B, O} <- pairs()].

run(P, O) -> try re:run("x\a\b\e\f\n\r\t\v\d ny\\c", P, [global | O]) catch error:R -> R end.

pairs() ->
    [{A, B, O} || O <- [[], [multiline], [unicode]],
        {A, B} <- [{"\a\b\d\e\f\n\r\s\t\v", "\\a\\010\\177\\033\\f\\n\\r \\t\v"}, {"x\\a", "x\a"}, {"[\\a\\n]", "[\a\n]"},
                   {"a\\n", "a\n"}, {"\\Q\\n\\E", "\n"}, {"\\n+", "\n+"}, {"\\\\n", "\\\n"}, {"\\c\\n", "\\034"}]].
