%% diff: full
%% prepare_loading and finish_loading of several modules at once, and what they refuse.
-module(code_staged).
-export([run/0]).
-include("diff.hrl").

run() ->
    {A, BA} = mk(code_staged_a, "1"), {B, BB} = mk(code_staged_b, "2"),
    R1 = case code:prepare_loading([{A, "a", BA}, {B, "b", BB}]) of {ok, P} -> [code:is_loaded(A),
        code:finish_loading(P), A:v(), B:v()]; E -> E end,
    R2 = code:atomic_load([{A, "a", element(2, mk(A, "10"))}, {B, "b", element(2, mk(B, "20"))}]),
    R3 = [A:v(), B:v()], R4 = code:prepare_loading([{A, "a", <<"junk">>}]),
    R5 = code:prepare_loading([{no_such_mod_zz, "q", BA}]),
    R6 = code:atomic_load([{A, "a", BA}, {A, "a", BA}]),
    R7 = [erlang:prepare_loading(?ID(A), BB), erlang:prepare_loading(A, <<>>),
        ?TRY(erlang:prepare_loading(?ID(1), BA)), ?TRY(erlang:prepare_loading(A, ?ID(x)))], R8 = ok,
    [code:purge(X) || X <- [A, B]], [code:delete(X) || X <- [A, B]], [code:purge(X) || X <- [A, B]],
    [R1, R2, R3, R4, R5, R6, R7, R8].
mk(M, V) ->
    S = "-module(" ++ atom_to_list(M) ++ "). -export([v/0]). v() -> " ++ V ++ ".",
    {ok, T, _} = erl_scan:string(S), {ok, _, B} = compile:forms([begin {ok,
        F} = erl_parse:parse_form(Ts), F end || Ts <- split(T, [])], []), {M, B}.
split([], []) -> [];
split([{dot, _} = D | T], A) -> [lists:reverse([D | A]) | split(T, [])];
split([X | T], A) -> split(T, [X | A]).
