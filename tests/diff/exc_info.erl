%% diff: full
%% error_info: the text that the library makes of errors in BIFs, argument by argument.
-module(exc_info).
-export([run/0]).
-include("diff.hrl").

run() ->
    [?MSG(F()) || F <- [fun() -> atom_to_list(?ID(1)) end, fun() -> element(?ID(5), ?ID({a})) end,
        fun() -> element(?ID(a), ?ID(b)) end, fun() -> hd(?ID([])) end,
        fun() -> length(?ID([a | b])) end, fun() -> ?ID(a) + ?ID(1) end,
        fun() -> ?ID(1) div ?ID(0) end, fun() -> list_to_integer(?ID("x")) end,
        fun() -> binary_part(?ID(<<1, 2>>), ?ID({1, 5})) end,
      fun() -> maps:get(?ID(k), ?ID(#{})) end, fun() -> maps:put(1, 2, ?ID(x)) end,
      fun() -> ets:lookup(?ID(no_table), k) end, fun() -> ets:new(?ID("x"), []) end,
      fun() -> ets:new(x, [bad]) end, fun() -> erlang:send_after(?ID(-1), self(), x) end,
      fun() -> spawn_opt(fun() -> ok end, ?ID([bad])) end,
      fun() -> register(?ID(undefined), self()) end, fun() -> register(a, ?ID(b)) end,
      fun() -> process_flag(?ID(nope), 1) end,
      fun() -> process_info(?ID(x)) end, fun() -> list_to_atom(?ID([$a, 1000000000])) end,
      fun() -> binary_to_term(?ID(<<1>>)) end, fun() -> setelement(?ID(9), ?ID({}), 1) end,
      fun() -> erlang:make_tuple(?ID(-1), x) end, fun() -> float_to_list(?ID(1.0), ?ID([bad])) end,
      fun() -> integer_to_list(?ID(1), ?ID(99)) end, fun() -> tuple_size(?ID([])) end,
      fun() -> byte_size(?ID(a)) end, fun() -> ?ID([a | b]) ++ [] end, fun() -> ?ID(x) -- [] end,
      fun() -> split_binary(?ID(<<1>>), ?ID(7)) end, fun() -> re:run(?ID(<<"a">>), ?ID("(")) end,
      fun() -> lists:keyfind(a, ?ID(0), []) end, fun() -> lists:member(a, ?ID(b)) end,
      fun() -> lists:reverse(?ID(a), []) end, fun() -> binary:split(?ID(a), <<",">>) end,
      fun() -> binary:at(?ID(<<>>), ?ID(0)) end, fun() -> binary:copy(<<1>>, ?ID(-1)) end,
      fun() -> unicode:characters_to_binary(?ID(a)) end,
      fun() -> persistent_term:get(?ID(no_such_key)) end, fun() -> atomics:get(?ID(a), 1) end,
      fun() -> counters:get(?ID(a), 1) end, fun() -> math:sqrt(?ID(-1)) end,
      fun() -> math:log(?ID(a)) end, fun() -> os:getenv(?ID(a)) end,
      fun() -> erlang:monitor(?ID(q), self()) end, fun() -> link(?ID(1)) end,
      fun() -> exit(?ID(a), b) end, fun() -> erlang:phash2(1, ?ID(0)) end,
      fun() -> erlang:convert_time_unit(1, ?ID(a), second) end]].
