%% diff: full
%% replace and split: back references, global, return types, trimming, captured groups in splits.
-module(re_replace).
-export([run/0]).
-include("diff.hrl").

run() ->
    [re:replace("abcabc", "b", "X", [{return, list}]), re:replace("abcabc", "b", "X",
        [global, {return, binary}]), re:replace("abc", "(b)(c)", "\\2\\1&\\0", [{return, list}]),
        re:replace("abc", "(b)", "\\g1\\g{1}", [{return, list}]),
        re:replace("abc", "z", "X", [{return, list}]), iolist_to_binary(re:replace("abc", "b", "")),
        re:replace("aé", "é", "€", [unicode, {return, list}]),
        re:replace("a.b.c", "\\.", "\\\\", [global, {return, list}]),
        re:replace("", "^", "x", [{return, list}]), re:replace("aaa", "", "-",
        [global, {return, list}]), ?TRY(re:replace("a", "(", "x")),
        ?TRY(re:replace(?ID(1), "a", "x")),
     re:split("a,b,,c", ","), re:split("a,b,,c", ",", [{return, list}]),
     re:split("a,b,,c,,", ",", [trim, {return, list}]),
     re:split("a1b22c", "(\\d)", [{return, list}]), re:split("a1b22c", "(\\d)",
         [group, {return, list}]), re:split("abc", "", [{return, list}]),
         re:split("a b  c", "\\s+", [{parts, 2}, {return, list}]),
         re:split("", "x", [{return, list}]), re:split("aXbxc", "x", [caseless, {return, binary}]),
         re:split("größe", "ö", [unicode, {return, list}]), ?MSG(re:split("a", "[")),
         ?MSG(re:split("a", ?ID(x))), ?MSG(re:replace("a", "a", ?ID(1)))].
