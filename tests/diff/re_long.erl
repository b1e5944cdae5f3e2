%% diff: full
%% Patterns over long subjects, many matches, deep backtracking and recursion limits.
-module(re_long).
-export([run/0]).
-include("diff.hrl").

run() ->
    L = lists:flatten([[integer_to_list(I), ","] || I <- lists:seq(1, 2000)]),
    B = list_to_binary(L),
    {match, M} = re:run(B, "\\d+", [global]), {match, N} = re:run(B, "1(\\d)\\1",
        [global, {capture, all, list}]),
    [length(M), length(N), lists:last(M), lists:sublist(N, 3), erlang:phash2(M),
        byte_size(re:replace(B, ",", ";", [global, {return, binary}])), length(re:split(B, ",")),
        re:run(lists:duplicate(5000, $a), "^(a|b)*$", [{capture, none}]),
        re:run(lists:duplicate(20000, $x) ++ "y", "x*y", [{capture, first, index}]),
        re:run(B, "zzz"), re:run(lists:duplicate(200, $(), "\\(+$", [{capture, none}])].
