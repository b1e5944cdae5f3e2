%% term_to_binary and term_to_iovec options; sizes of compressed forms are only checked by reading back.
-module(etf_options).
-export([run/0]).
-include("diff.hrl").

run() ->
    T = {[$x || _ <- diff_runner:seq(1, 500)], <<0:4000>>, atom, 1.25},
    [begin B = term_to_binary(T, O), {O, binary_to_term(B) =:= T, binary:first(B), binary:at(B, 1),
        byte_size(B) < 300} end || O <- [[], [compressed], [{compressed, 0}], [{compressed, 1}],
        [{compressed, 9}], [{minor_version, 1}, compressed]]]
     ++ [{O, term_to_binary({1.5, a, 'é'}, [{minor_version, O}])} || O <- [0, 1, 2]]
         ++ [term_to_binary(#{b => 1, a => 2, 1 => x}, [deterministic]),
             iolist_to_binary(term_to_iovec({a, <<1, 2, 3>>})) =:= term_to_binary({a, <<1, 2, 3>>}),
             erlang:external_size({1.5, a}, [{minor_version, 0}])]
     ++ [?TRY(term_to_binary(a, ?ID(O))) || O <- [[bad], a, [{compressed, 10}], [{compressed, -1}],
         [{minor_version, 3}], [compressed | x], [{minor_version, a}]]]
     ++ [?TRY(binary_to_term(term_to_binary(X), O)) || X <- [a, {b, 1}],
         O <- [[safe], [used], [safe, used], [], [bad], x]]
         ++ [?TRY(binary_to_term(<<131, 119, 12, "qq_not_known">>, [safe])),
         binary_to_term(<<131, 97, 5, 1, 2, 3>>, [used]),
         ?TRY(binary_to_term(<<131, 97, 5, 1, 2, 3>>)), ?TRY(term_to_iovec(a, ?ID([bad])))].
