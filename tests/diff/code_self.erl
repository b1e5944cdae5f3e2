%% diff: full
%% A process that upgrades itself through a fully qualified call, keeping its state; funs of old code.
-module(code_self).
-export([run/0]).
-include("diff.hrl").

run() ->
    M = code_self_tmp, l(M, 1), P = spawn(M, loop, [[]]), call(P, {add, a}), F = call(P, mk),
    l(M, 2), A = call(P, version), B = call(P, {add, b}), call(P, upgrade), C = call(P, version),
    D = call(P, {add, c}), E = call(P, state), G = ?TRY(F(5)), code:purge(M),
    H = case ?TRY(F(5)) of {error, {badfun, Z}} -> {badfun, is_function(Z, 1)}; X -> X end,
    I = [erlang:fun_info(F, K) || K <- [module, arity]], exit(P, kill), code:delete(M),
    code:purge(M), [A, B, C, D, E, G, H, I].
call(P, Q) -> R = make_ref(), P ! {self(), R, Q}, receive {R, X} -> X after 2000 -> timeout end.
l(M, V) ->
    S = "-module(code_self_tmp). -export([loop/1]). loop(S) -> receive {F, R, version} -> F ! {R, "
        ++ integer_to_list(V) ++ "}, loop(S); {F, R, {add, X}} -> F ! {R, ok}, loop([{X, "
            ++ integer_to_list(V)
                ++ "} | S]); {F, R, state} -> F ! {R, S}, loop(S); {F, R, mk} -> F ! {R, fun(Y) -> {"
                    ++ integer_to_list(V)
                        ++ ", Y} end}, loop(S); {F, R, upgrade} -> F ! {R, ok}, ?MODULE_:loop(S) end.",
                        S2 = lists:flatten(string:replace(S, "?MODULE_", "code_self_tmp")),
                        {ok, T, _} = erl_scan:string(S2),
                        {ok, _, B} = compile:forms([begin {ok, Fm} = erl_parse:parse_form(Ts),
                            Fm end || Ts <- split(T, [])], []),
                            {module, M} = code:load_binary(M, "m", B).
split([], []) -> [];
split([{dot, _} = D | T], A) -> [lists:reverse([D | A]) | split(T, [])];
split([X | T], A) -> split(T, [X | A]).
