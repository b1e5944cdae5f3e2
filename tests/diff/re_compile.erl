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
        re:version() =/= ""]
    ++ [{P, ?TRY(re:run("a8b91ca\\8a81", P, [{capture, all, list}]))} || P <- ["a\\8b\\91c", "(a)\\8", "\\81", "(\\9)\\1",
        "a\\\\8", "a\\2", "(a)\\82{2}"]]
    ++ [nested(N, Open) || N <- [250, 251, 500, 798, 799, 2000], Open <- ["(", "(a"], Open =:= "(" orelse N =< 500].

nested(N, Open) ->
    case re:compile([lists:duplicate(N, Open), lists:duplicate(N, ")")]) of
        {ok, _} -> ok;
        E -> E
    end.
