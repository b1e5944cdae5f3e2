%% diff: full
%% Compiled patterns, inspection, and the position and text of compile errors.
-module(re_compile).
-export([run/0]).
-include("diff.hrl").

run() ->
    [case re:compile(P, O) of {ok, C} -> {P, element(1, C), element(2, C), element(3, C),
        re:inspect(C, namelist), re:run("abcabc", C, [global, {capture, all, list}])};
        E -> {P, E} end || {P, O} <- [{"abc", []}, {"(a)(b)", []}, {"(?<x>a)(?<y>b)", []},
        {"(?<z>c)", [caseless]}, {"(", []}, {")", []}, {"[a", []}, {"a**", []}, {"(?<n", []},
        {"\\", []}, {"(?P<a>x)(?P<a>y)", []}, {"a{2,1}", []}, {"[z-a]", []}, {"(?z)", []},
        {"\\x{110000}", [unicode]}, {"\\p{L}", [unicode]}, {"[[:alpha:]]+", []}, {"(?1)", []},
        {"(a(?1)?b)", []}, {"\\g{-1}", []}, {"[[:foo:]]", []}, {"x{65536}", []},
        {"(?'q'a)\\k'q'", []}, {"\\Qa.b\\E", []}, {"(?>a+)b", []}, {"a++b", []}, {"(*ACCEPT)a", []},
        {"\\R\\h\\v\\N", []}, {"é", [unicode]}]]
    ++ [?TRY(re:compile(?ID(X))) || X <- [a, 1, [a]]] ++ [?TRY(re:compile("a", ?ID([nope]))),
        ?TRY(re:inspect(?ID(a), namelist)), ?TRY(re:run("a", {re_pattern, 1, 2, 3, <<"junk">>})),
        re:version() =/= ""].
