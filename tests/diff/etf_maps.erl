%% Maps of all sizes and nestings through the external format, byte for byte where order is fixed.
-module(etf_maps).
-export([run/0]).
-include("diff.hrl").

run() ->
    [begin M = maps:from_list([{I, {I, I * 0.5}} || I <- diff_runner:seq(1, N)]),
        B = term_to_binary(M), {N, byte_size(B), erlang:md5(B), binary_to_term(B) =:= M} end
        || N <- [0, 1, 10, 32, 33, 64, 200]] ++ [term_to_binary(M)
        || M <- [#{}, #{a => #{b => #{}}}, #{1 => a, 1.0 => b}, #{[] => {}, {} => []},
        #{<<"k">> => "v"}]] ++ [erlang:external_size(#{a => 1}),
        binary_to_term(<<131, 116, 0, 0, 0, 3, 97, 3, 97, 3, 97, 1, 97, 1, 97, 2, 97, 2>>),
        ?TRY(binary_to_term(<<131, 116, 0, 0, 0, 3, 97, 3, 97, 3, 97, 1, 97, 1>>))].
