%% diff: full
%% The older half of string, which works on lists of characters.
-module(str_old).
-export([run/0]).
-include("diff.hrl").

run() ->
    [string:len("abc"), string:concat("a", "b"), string:chr("hello", $l), string:rchr("hello", $l),
        string:str("hello", "lo"), string:rstr("a-b-a", "a"), string:span("aab", "a"),
        string:cspan("aab", "b"), string:substr("hello", 2), string:substr("hello", 2, 3),
        string:tokens("a b,c", " ,"), string:join(["a", "b"], "-"), string:chars($x, 3),
        string:chars($x, 2, "y"), string:copies("ab", 3), string:words("a b c"),
        string:words("a.b", $.), string:sub_word("a b c", 2), string:strip("  a  "),
        string:strip("..a..", both, $.), string:left("abc", 5), string:right("abc", 5, $.),
        string:centre("abc", 7), string:sub_string("hello", 2, 4), string:to_upper("abcé"),
        string:to_lower($A)] ++ [?TRY(string:substr("abc", 0)), ?TRY(string:chars($x, -1)),
        ?TRY(string:len(?ID(a)))].
