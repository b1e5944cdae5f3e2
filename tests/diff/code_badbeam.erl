%% diff: full
%% Damaged module files are refused, whatever is damaged, and the node goes on.
-module(code_badbeam).
-export([run/0]).
-include("diff.hrl").

run() ->
    {ok, T, _} = erl_scan:string("-module(code_bad_tmp). -export([f/1]). f(X) -> {X, [1, 2], \"lit\", fun() -> X end}."),
    {ok, M, B} = compile:forms([begin {ok, Fm} = erl_parse:parse_form(Ts), Fm end
        || Ts <- split(T, [])], [deterministic]), [[code:load_binary(M, "x", binary:part(B, 0, N))
        || N <- [0, 4, 8, 12, 20, 50, byte_size(B) div 2]],
        code:load_binary(M, "x", <<B/binary, "trailing">>), code:load_binary(M, "x", zlib:gzip(B)),
        M:f(1) =/= x, [element(2, code:load_binary(M, "x", without(C, B)))
        || C <- ["AtU8", "Code", "ImpT", "ExpT", "LocT", "LitT", "FunT", "StrT"]],
        code:load_binary(wrong_name, "x", B), code:load_binary(M, "x", <<0>>),
        code:is_loaded(M) =/= false, lists:sort([C || {C, _} <- element(3,
        (fun({ok, X, Cs}) -> {ok, X, Cs} end)(beam_lib:all_chunks(B)))])].
without(C, B) ->
    {ok, _, Cs} = beam_lib:all_chunks(B), {ok, N} = beam_lib:build_module([X || {K, _} = X <- Cs,
        K =/= C]), N.
split([], []) -> [];
split([{dot, _} = D | T], A) -> [lists:reverse([D | A]) | split(T, [])];
split([X | T], A) -> split(T, [X | A]).
