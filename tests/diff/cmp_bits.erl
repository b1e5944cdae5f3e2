%% Bitstrings compared at every bit offset against the same content at offset zero.
-module(cmp_bits).
-export([run/0]).
-include("diff.hrl").

run() ->
    Src = <<16#a5, 16#5a, 16#ff, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12>>,
    [begin <<_:O, X:N/bits, _/bits>> = Src, Y = copy(X),
        {X =:= Y, X == Y, X < Y, X > Y, <<X/bits, 0:1>> > Y, <<1:1, X/bits>> =:= <<1:1, Y/bits>>,
        erlang:phash2(X), Y} end || O <- [0, 1, 3, 7, 8, 9],
        N <- [0, 1, 7, 8, 9, 15, 16, 33, 64, 100]].
copy(B) -> << <<X:1>> || <<X:1>> <= B >>.
