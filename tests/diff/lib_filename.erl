%% diff: full
%% filename and uri_string: joining, splitting, extensions; strings, binaries and atoms.
-module(lib_filename).
-export([run/0]).
-include("diff.hrl").

run() ->
    Fs = ["/a/b.c", "a/b/", "", "/", "a", ".x", "a.b.c", "a//b", <<"/bin/x.erl">>, "..", "a/./b",
        'atom.ext', "~/x", ["a", $/, "b"]],
    [{F, [?TRY(filename:G(F)) || G <- [basename, dirname, extension, rootname, split, flatten,
        pathtype, nativename]]} || F <- Fs] ++ [filename:join(A, B)
        || A <- ["a", "/a", "a/", <<"a">>, ""], B <- ["b", "/b", "", <<"b/">>]]
        ++ [filename:join(["a", "b", "c"]), filename:basename("a.erl", ".erl"),
        filename:rootname("a.b", ".b"), filename:absname("x", "/y"),
        filename:absname_join("/a", "b"), ?TRY(filename:join([])), ?TRY(filename:basename(?ID(1))),
     uri_string:parse("http://user@host:80/p/a?q=1#frag"), uri_string:parse(<<"mailto:a@b">>),
     uri_string:parse("//h/%20x"), uri_string:parse("http://[::1]/"), uri_string:parse("a b"),
     uri_string:recompose(#{scheme => "http", host => "h", path => "/p"}),
     uri_string:resolve("../x", "http://a/b/c/d"), uri_string:normalize("HTTP://A/%7euser/../b"),
     uri_string:compose_query([{"a", "1 2"}, {"b", "é"}]),
     uri_string:dissect_query("a=1+2&b=%C3%A9"), uri_string:quote("a b/ü"),
     uri_string:unquote("a%20b"), uri_string:percent_decode("%41")].
