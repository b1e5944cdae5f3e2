%% diff: full
%% re:run: captures of each kind, options, offsets, names, failures and compile errors.
-module(re_run).
-export([run/0]).
-include("diff.hrl").

run() ->
    S = "the year 1999, the month 12", T = [{P, O, ?TRY(re:run(S, P, O))}
        || {P, O} <- [{"year", []}, {"(\\d+)", []}, {"(\\d+)", [global]},
        {"(\\d+)", [{capture, all, list}]}, {"(\\d+)", [{capture, all_but_first, binary}]},
        {"(?<y>\\d{4}).*(?<m>\\d\\d)", [{capture, [y, m], list}]},
        {"(?<y>\\d{4}).*(?<m>\\d\\d)", [{capture, all_names, binary}]}, {"(a)|(t)", []},
        {"(a)|(t)", [{capture, all, index}]}, {"(a)|(y)", [{capture, all, list}]},
        {"THE", [caseless]}, {"THE", [caseless, global, {capture, all, list}]},
        {"^the", [{offset, 4}]}, {"the", [{offset, 4}]}, {"the", [anchored, {offset, 4}]},
        {"nomatch", []}, {"nomatch", [global]}, {"", [global]}, {"the", [{capture, none}]},
        {"the", [{capture, first, list}]}, {"(the) (year)", [{capture, [2], list}]},
        {"(the) (year)", [{capture, [5], list}]}, {"x*", [global]}, {"[", []}, {"(", []},
        {"a", [bad]}, {"t", [{offset, -1}]}, {"\\bmonth\\b", []},
        {"(?i)YEAR", [{capture, all, list}]}, {"t(?=h)", [global]}, {"(?<!y)ear|e", []},
        {"(t|h|e)+", [{capture, all, list}]}, {".*?(\\d)", [{capture, all, list}]},
        {".*(\\d)", [ungreedy, {capture, all, list}]}, {"(.)\\1", [{capture, all, list}]}]],
    T ++ [re:run(<<"a\nb\nc">>, "^b$", [multiline]), re:run("a\nb", "a.b", []),
        re:run("a\nb", "a.b", [dotall]), re:run("ab # c", "a b", [extended]),
        re:run("aé€b", "é.", [unicode, {capture, all, list}]),
        re:run(<<"aé€b"/utf8>>, "\\x{20ac}", [unicode]), re:run("é", "\\w", [unicode]),
        re:run("é", "\\w", [unicode, ucp]), ?TRY(re:run(<<255>>, "a", [unicode])),
        re:run("a\r\nb", "a$", [multiline, {newline, crlf}]),
        re:run("a\r\nb", "^b", [multiline, {newline, lf}]), re:run("ab", "a(?#comment)b"),
        re:run(["a", <<"bc">>, [$d]], <<"bcd">>), ?TRY(re:run(?ID(a), "a")),
        ?TRY(re:run("a", ?ID(a))), re:run("aaaaaaaaaaaaaaaaaaaaaaaaaaab", "(a+)+c",
        [{match_limit, 100}]), re:run("aaaaaaaaaaaaaaaaaaaaaaaaaaab", "(a+)+c",
        [{match_limit, 100}, report_errors]), re:run("abc", "(?<n>b)", [{capture, ["n"], list}]),
        re:run("foobar", "(?|(foo)|(bar))bar", [{capture, all, list}]),
        re:run("ac", "a(b)?c", [{capture, all, list}]),
        re:run("ac", "a(b)?c", [{capture, [1], index}]),
        re:run("abc", "abc", [firstline, no_start_optimize, notempty, {capture, all, list}]),
        re:run("abc", "", [notempty]), re:run("abc", "", [notempty_atstart, global]),
        re:run("abc", "b", [notbol, noteol, dollar_endonly, no_auto_capture, dupnames,
        bsr_anycrlf])].
