%% diff: full
%% Two versions of one module at a time: old code runs on, new calls get the new code, purge kills.
-module(code_two).
-export([run/0]).
-include("diff.hrl").

run() ->
    M = code_two_tmp, Me = self(),
    {ok, V1} = load(M, 1), P = spawn(M, loop, [Me]), P ! {get, Me}, A = rx(), F1 = M:mk(),
    {ok, V1b} = load(M, 2), P ! {get, Me}, B = rx(), C = M:v(), D = F1(),
    E = erlang:check_process_code(P, M), G = erlang:check_process_code(Me, M),
    H = erlang:check_old_code(M), P ! {switch, Me}, I = rx(), J = erlang:check_process_code(P, M),
    K = code:soft_purge(M),
    R = monitor(process, P), Q = spawn(M, hold, [Me]), rx(), N = load(M, 3), O = code:soft_purge(M),
    S = monitor(process, Q), T = code:purge(M), U = receive {'DOWN', S, _, _,
        W} -> W after 1000 -> alive end, X = erlang:module_loaded(M), Y = code:delete(M),
        Z = [?TRY(M:v()), erlang:module_loaded(M), code:purge(M), code:is_loaded(M)],
        AA = receive {'DOWN', R, _, _, W2} -> W2 after 200 -> alive end,
    [V1, V1b, A, B, C, D, E, G, H, I, J, K, N, O, T, U, X, Y, Z, AA, ?TRY(F1())].
rx() -> receive {reply, X} -> X after 2000 -> none end.
load(M, V) ->
    Src = ["-module(", atom_to_list(M), "). -export([loop/1, v/0, mk/0, hold/1]).\n v() -> ",
        integer_to_list(V),
        ".\n mk() -> X = v(), fun() -> {closure, X} end.\n loop(P) -> receive {get, F} -> F ! {reply, {running, ",
        integer_to_list(V), ", ", atom_to_list(M),
        ":v()}}, loop(P); {switch, F} -> F ! {reply, switching}, ", atom_to_list(M),
        ":loop(P) end.\n hold(P) -> P ! {reply, holding}, receive never -> v() end.\n"],
    {ok, Toks, _} = erl_scan:string(lists:flatten(Src)),
    {ok, _, Bin} = compile:forms([begin {ok, Fm} = erl_parse:parse_form(Ts), Fm end
        || Ts <- split(Toks, [])], [report]),
    case code:load_binary(M, "mem", Bin) of {module, M} -> {ok, {loaded, V}}; E -> E end.
split([], []) -> [];
split([{dot, _} = D | T], A) -> [lists:reverse([D | A]) | split(T, [])];
split([X | T], A) -> split(T, [X | A]).
