%% Text literals as utf segments, decoded in comprehensions and heads.
-module(bin_utf_text).
-export([run/0]).
-include("diff.hrl").

run() ->
    [<<"grüße €😀"/utf8>>, <<"grüße €😀"/utf16>>, <<"grüße €😀"/utf32-little>>,
        [C || <<C/utf8>> <= <<"grüße €😀"/utf8>>],
        [C || <<C/utf16-little>> <= <<"g€😀"/utf16-little>>], skip(<<"aé€😀z"/utf8>>),
        lit(<<"é!"/utf8>>)].
skip(<<_/utf8, _/utf8, R/binary>>) -> R.
lit(<<"é"/utf8, R/binary>>) -> R.
