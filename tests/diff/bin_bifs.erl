%% byte_size, bit_size, binary conversions, split, at their limits and on wrong arguments.
-module(bin_bifs).
-export([run/0]).
-include("diff.hrl").

run() ->
    [{X, [?TRY(F(X)) || F <- [fun erlang:byte_size/1, fun erlang:bit_size/1, fun erlang:size/1,
        fun erlang:is_binary/1, fun erlang:is_bitstring/1, fun erlang:binary_to_list/1,
        fun erlang:bitstring_to_list/1, fun erlang:iolist_size/1, fun erlang:iolist_to_binary/1,
        fun erlang:list_to_binary/1, fun erlang:md5/1, fun erlang:crc32/1, fun erlang:adler32/1,
        fun erlang:iolist_to_iovec/1]]} || X <- [<<>>, <<1>>, <<1:3>>, <<1, 2:7>>, <<"text">>, [],
        [1, [<<2>>, 3]], a, 1, {}, [a], [<<1:1>>], [256], [1 | <<2>>], [[[]]]]].
