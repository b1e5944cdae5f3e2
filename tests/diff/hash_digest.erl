%% md5 in one and several parts, crc32, adler32 and their combinations.
-module(hash_digest).
-export([run/0]).
-include("diff.hrl").

run() ->
    C = erlang:md5_update(erlang:md5_update(erlang:md5_init(), <<"hello ">>), ["wor", <<"ld">>]),
    [erlang:md5(<<"">>), erlang:md5("hello world"), erlang:md5_final(C), erlang:md5(<<0:100000>>),
        erlang:crc32("hello"), erlang:crc32(erlang:crc32("hel"), "lo"), erlang:crc32(0, <<>>),
        erlang:crc32_combine(erlang:crc32("hel"), erlang:crc32("lo"), 2), erlang:adler32("hello"),
        erlang:adler32(erlang:adler32("hel"), "lo"), erlang:adler32_combine(erlang:adler32("hel"),
        erlang:adler32("lo"), 2), erlang:crc32(<<0:80000>>), erlang:adler32(<<255:800>>)]
     ++ [?TRY(F()) || F <- [fun() -> erlang:md5(?ID(a)) end, fun() -> erlang:md5(?ID(<<1:3>>)) end,
         fun() -> erlang:md5_update(?ID(<<1>>), "x") end, fun() -> erlang:md5_final(?ID(a)) end,
         fun() -> erlang:crc32(?ID([a])) end, fun() -> erlang:crc32(?ID(-1), "a") end,
         fun() -> erlang:crc32(?ID(1 bsl 32), "a") end, fun() -> erlang:adler32(?ID(a)) end,
         fun() -> erlang:crc32_combine(1, 2, ?ID(-1)) end]].
