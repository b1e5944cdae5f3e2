%% Unicode in source: strings, binaries, atoms and variables all the way to printing code points.
-module(uni_sources).
-export([run/0]).
-include("diff.hrl").

run() ->
    Åse = "blåbær", [Åse, length(Åse), <<"blåbær"/utf8>>, <<"blåbær">>, byte_size(<<"日本語"/utf8>>),
        'häßlich', $é, $日, "\x{1F600}\x41\101\n", [C || C <- "añb", C > 127], f("é"),
        atom_to_list('日本')].
f("é") -> matched;
f(_) -> no.
