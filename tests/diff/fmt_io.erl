%% diff: full
%% io functions through the group leader: put_chars, format, write, nl, columns, errors, reading at end of input.
-module(fmt_io).
-export([run/0]).
-include("diff.hrl").

run() ->
    io:put_chars("plain\n"), io:put_chars(<<"binary\n">>),
    io:put_chars(["nested ", [<<"list">>, $\n]]), io:format("fmt ~p ~s~n", [{a, 1}, "s"]),
    io:format("no args~n"), io:write({w, "x"}), io:nl(), io:fwrite("~ts~n", ["åäö €"]),
    [io:get_line(""), io:get_chars("", 5), io:read(""), io:fread("", "~d")].
