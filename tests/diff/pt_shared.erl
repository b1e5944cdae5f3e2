%% diff: full
%% persistent_term: a stored term keeps what it shares; empty tuples take no room in what is reported.
-module(pt_shared).
-export([run/0]).
-include("diff.hrl").

run() ->
    S = lists:foldl(fun(_, A) -> [A | A] end, [], lists:seq(1, 40)),
    M = #{a => S, b => {S, S}},
    persistent_term:put(pt_shared, M), G = persistent_term:get(pt_shared),
    R = [erts_debug:size(G), erts_debug:size(M), erts_debug:size_shared(G), G =:= persistent_term:get(pt_shared)],
    persistent_term:erase(pt_shared), erlang:garbage_collect(),
    R ++ [erts_debug:size(G), erts_debug:size(?ID({})), erts_debug:flat_size(?ID({})), erts_debug:flat_size({{}, ?ID({})}),
          erts_debug:size_shared(?ID({{}, [{}]})), sizes(?ID(42)), binaries(), growth()].

%% In stock's words, though objects are laid out in other ways here.
sizes(C) ->
    Cell = [a | C],
    [{erts_debug:flat_size(X), erts_debug:size(X)} || X <- [#{}, #{a => C}, #{"a" => C, b => 2.0}, {C}, Cell, [Cell | Cell],
        fun() -> C end, fun() -> Cell end, fun lists:sort/1, make_ref(), atomics:new(1, []), <<C:24>>, <<C:(8 * 65)>>,
        <<C:7>>, <<C:641>>, C bsl 70, C bsl 200, C + 0.5, -(C bsl 60)]]
        ++ [erts_debug:flat_size(M) =:= erts_debug:size(M) || N <- [33, 256, 1000], M <- [maps:from_list([{I, I} || I <- lists:seq(1, N)])]]
        ++ [erts_debug:flat_size(binary_to_term(X)) || N <- [<<119, 3, "a@b">>],
            X <- [<<131, 88, N/binary, 17:32, 42:32, 1:32>>, <<131, 89, N/binary, 17:32, 1:32>>
                  | [<<131, 90, L:16, N/binary, 1:32, 4:(32 * L)>> || L <- [1, 2, 3, 4, 5]]]]
        ++ [erts_debug:size_shared(?ID([{C, Cell}, Cell, fun() -> C end, <<C:(8 * 65)>>]))].

binaries() ->
    B = binary:copy(<<"abc">>, ?ID(100)), <<_, P/bitstring>> = B,
    persistent_term:put(pt_shared, {B, B, P, make_ref(), fun() -> P end}), {X, Y, Z, _, F} = persistent_term:get(pt_shared),
    persistent_term:erase(pt_shared), erlang:garbage_collect(), {X =:= B, Y =:= B, Z =:= P, F() =:= P}.

%% Slots of erased terms are used again: a table does not grow for them.
growth() ->
    erts_debug:set_internal_state(available_internal_state, true),
    A = slots(), [begin persistent_term:put({pt_shared, N}, N), persistent_term:erase({pt_shared, N}) end || N <- lists:seq(1, 5000)],
    B = slots(), [persistent_term:put({pt_shared, N}, N) || N <- lists:seq(1, 300)],
    C = slots(), V = [persistent_term:get({pt_shared, N}) || N <- lists:seq(1, 300)] =:= lists:seq(1, 300),
    [persistent_term:erase({pt_shared, N}) || N <- lists:seq(1, 300)],
    erts_debug:set_internal_state(available_internal_state, false),
    {A =:= B, C > B, V, slots_gone()}.
slots() -> #{table := N} = erts_debug:get_internal_state(persistent_term), N.
slots_gone() -> [N || N <- lists:seq(1, 300), persistent_term:get({pt_shared, N}, none) =/= none].
