%% Conversions between lists and atoms, integers, tuples, binaries.
-module(list_convert).
-export([run/0]).
-include("diff.hrl").

run() ->
    [?TRY(F()) || F <- [fun() -> list_to_atom(?ID("abc")) end, fun() -> list_to_atom(?ID("")) end,
        fun() -> list_to_atom(?ID([256])) end, fun() -> list_to_atom(?ID([-1])) end,
        fun() -> list_to_atom(?ID([$a | b])) end,
      fun() -> list_to_atom(?ID(a)) end, fun() -> list_to_atom(?ID([$a
          || _ <- diff_runner:seq(1, 255)])) end, fun() -> list_to_atom(?ID([$a
          || _ <- diff_runner:seq(1, 256)])) end,
          fun() -> list_to_existing_atom(?ID("surely_not_an_atom_" "q7")) end,
          fun() -> list_to_existing_atom(?ID("error")) end,
      fun() -> atom_to_list(?ID('a b')) end, fun() -> atom_to_list(?ID(1)) end,
      fun() -> list_to_tuple(?ID([1, 2, 3])) end, fun() -> list_to_tuple(?ID([1 | 2])) end,
      fun() -> list_to_tuple(?ID([])) end, fun() -> tuple_to_list(?ID({1, {2}})) end,
      fun() -> tuple_to_list(?ID(x)) end,
      fun() -> list_to_binary(?ID([1, [2, <<3, 4>>], [[]], 255])) end,
      fun() -> list_to_binary(?ID([256])) end, fun() -> list_to_binary(?ID([1 | <<2>>])) end,
      fun() -> list_to_binary(?ID([1 | 2])) end, fun() -> list_to_binary(?ID(<<1>>)) end,
      fun() -> list_to_binary(?ID([<<1:3>>])) end, fun() -> list_to_bitstring(?ID([1, <<1:3>>,
          <<2:5>>, 9])) end,
      fun() -> list_to_bitstring(?ID([a])) end, fun() -> binary_to_list(?ID(<<"hello">>)) end,
      fun() -> binary_to_list(?ID(<<"hello">>), 2, 4) end,
      fun() -> binary_to_list(?ID(<<"hello">>), 0, 4) end,
      fun() -> binary_to_list(?ID(<<"hello">>), 4, 2) end,
      fun() -> binary_to_list(?ID(<<"hello">>), 3, 9) end,
      fun() -> binary_to_list(?ID(<<1:3>>)) end,
      fun() -> bitstring_to_list(?ID(<<1, 2, 3:3>>)) end, fun() -> bitstring_to_list(?ID(a)) end,
      fun() -> iolist_to_binary(?ID(["a", [<<"b">> | <<"c">>]])) end,
      fun() -> iolist_to_binary(?ID([a])) end, fun() -> iolist_size(?ID(["abc", <<"de">>, 1])) end,
      fun() -> iolist_size(?ID([-1])) end, fun() -> iolist_size(?ID([<<1:1>>])) end]].
