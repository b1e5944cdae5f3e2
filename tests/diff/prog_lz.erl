%% A sliding-window compressor and its inverse over binaries.
-module(prog_lz).
-export([run/0]).
-include("diff.hrl").

run() ->
    [begin C = comp(B), {byte_size(B), length(C), dec(C, <<>>) =:= B} end
        || B <- [<<"abracadabra abracadabra abracadabra">>, <<>>, <<"aaaaaaaaaaaaaaaaaaaaaaaaaa">>,
        list_to_binary([I * I rem 251 || I <- diff_runner:seq(1, 300)]),
        binary:copy(<<"hello world ">>, 20)]].
comp(B) -> comp(B, 0).
comp(B, I) when I >= byte_size(B) -> [];
comp(B, I) ->
    case best(B, I, max(0, I - 64), {0, 0}) of {L, D} when L >= 3 -> [{D, L} | comp(B, I + L)];
        _ -> [binary:at(B, I) | comp(B, I + 1)] end.
best(_, I, I, R) -> R;
best(B, I, J, {L, D}) ->
    case len(B, I, J, 0) of N when N > L -> best(B, I, J + 1, {N, I - J});
        _ -> best(B, I, J + 1, {L, D}) end.
len(B, I, J, N) when I + N < byte_size(B), N < 30 ->
    case binary:at(B, I + N) =:= binary:at(B, J + N) of true -> len(B, I, J, N + 1); false -> N end;
len(_, _, _, N) -> N.
dec([{D, L} | T], A) -> dec(T, back(A, D, L));
dec([C | T], A) -> dec(T, <<A/binary, C>>);
dec([], A) -> A.
back(A, _, 0) -> A;
back(A, D, L) -> back(<<A/binary, (binary:at(A, byte_size(A) - D))>>, D, L - 1).
