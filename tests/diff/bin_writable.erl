%% Appended binaries shared with other processes, sliced while growing, grown from literals and sub-binaries.
-module(bin_writable).
-export([run/0]).
-include("diff.hrl").

run() ->
    A = lists_foldl(fun(I, B) -> <<B/binary, I>> end, <<>>, diff_runner:seq(1, 255)),
    P = spawn_monitor(fun() -> exit(<<A/binary, "child">>) end), B = <<A/binary, "parent">>,
    C = diff_runner:wait_down(P), S = binary:part(A, 100, 50), D = <<S/binary, "slice">>,
    <<_:10/binary, T/binary>> = B, E = <<T/binary, "tail">>,
    F = <<"literal", (?ID(<<"x">>))/binary>>, G = <<F/binary, "y">>, H = <<F/binary, "z">>,
    [byte_size(B), byte_size(C), binary:part(C, byte_size(C), -6), binary:part(B, byte_size(B), -7),
        S, D, byte_size(E), F, G, H, A =:= binary:part(B, 0, 255), slices(<<>>, 50, []),
        bits(<<>>, 20, [])].
slices(_, 0, L) -> [{X, byte_size(Y)} || {X, Y} <- L];
slices(B, N, L) ->
    B1 = <<B/binary, N:24>>, X = binary:at(B1, byte_size(B1) div 2),
    slices(B1, N - 1, [{X, binary:part(B1, 0, byte_size(B1) div 2)} | L]).
bits(B, 0, L) -> [B | L];
bits(B, N, L) -> bits(<<B/bits, N:5>>, N - 1, [B | L]).
lists_foldl(F, A, [H | T]) -> lists_foldl(F, F(H, A), T);
lists_foldl(_, A, []) -> A.
