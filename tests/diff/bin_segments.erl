%% Construction from parts: binaries with sizes, bitstrings, defaults, appends, strings.
-module(bin_segments).
-export([run/0]).
-include("diff.hrl").

run() ->
    B = ?ID(<<"hello world">>), S = ?ID(<<5:3>>), N = ?ID(3),
    [<<B/binary>>, <<B:5/binary>>, <<B:N/binary, B/binary>>, <<B:0/binary>>, <<B:11/bytes, 1>>,
        <<B:N/bitstring>>, <<B:13/bits>>, <<S/bitstring, B/binary>>, <<S/bits, S/bits, S/bits>>,
        <<1, S/bits>>, <<B/bits, S/bits>>, <<"literal", B/binary, "tail">>,
        <<"é"/utf8, B:1/binary>>, <<B:2/binary-unit:8>>, <<B:3/binary-unit:4>>,
        <<B:1/binary-unit:16>>, <<"abc":16>>, <<"ab":4/unit:3>>, <<$a, $b:16>>, <<1, 2, 3>>, <<>>,
        <<?ID(256)>>, <<(N + 1)>>,
     ?TRY(<<B:20/binary>>), ?TRY(<<B:(?ID(-1))/binary>>), ?TRY(<<S/binary>>),
     ?TRY(<<(?ID(a))/binary>>), ?TRY(<<(?ID(a))>>), ?TRY(<<(?ID(1.5))>>),
     ?TRY(<<(?ID(1)):(?ID(a))>>), ?TRY(<<(?ID([]))/bits>>), ?TRY(<<1:(?ID(1 bsl 70))>>),
     ?TRY(<<B:(?ID(1 bsl 66))/binary>>), ?TRY(<<1:(?ID(1.0))>>), ?TRY(<<B:(?ID(1 bsl 70))/bits>>)].
