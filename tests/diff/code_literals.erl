%% diff: full
%% Literals of a module that is purged live on in the processes that hold them, in messages on their
%% way, and in what keeps terms for later: timers, tags of monitors, heirs of tables, ports.
-module(code_literals).
-export([run/0]).
-include("diff.hrl").

run() ->
    M = code_lit_tmp,
    l(M, "{lit, [1, 2, {3, \"four\"}], #{five => 6.0}, <<\"binary literal of more than sixty-four bytes, so that it is counted and shared....\">>}"),
    L = M:lit(), Me = self(), P = spawn(fun() -> X = M:lit(), Me ! ready,
        receive go -> Me ! {still, X} end end), receive ready -> ok end,
        put(keep, {L, element(2, L)}), self() ! {in_queue, M:lit()}, T = ets:new(t, []),
        ets:insert(T, {k, M:lit()}), erlang:send_after(300, self(), {timer, M:lit()}),
        Tm = erlang:start_timer(300, self(), M:lit()), Mon = monitor(process, P, [{tag, M:lit()}]),
        {Hp, Hm} = spawn_monitor(fun() -> ets:new(t2, [{heir, Me, M:lit()}]) end),
        Port = open_port({spawn, "cat"}, []), erlang:port_set_data(Port, M:lit()),
        diff_runner:wait_down({Hp, Hm}), l(M, "other"), code:purge(M), erlang:garbage_collect(), P ! go,
        A = receive {still, Y} -> Y =:= L after 1000 -> none end,
        B = receive {in_queue, Z} -> Z =:= L end, code:delete(M), code:purge(M),
        erlang:garbage_collect(),
        C = [receive {timer, V1} -> V1 =:= L after 2000 -> none end,
            receive {timeout, Tm, V2} -> V2 =:= L after 2000 -> none end,
            receive {V3, Mon, process, P, normal} -> V3 =:= L after 2000 -> none end,
            receive {'ETS-TRANSFER', _, Hp, V4} -> V4 =:= L after 2000 -> none end,
            erlang:port_get_data(Port) =:= L, port_close(Port)],
        [L, get(keep), A, B, C, ets:lookup(T, k) =:= [{k, L}],
        erlang:phash2(L), code:is_loaded(M)].
l(M, V) ->
    S = "-module(code_lit_tmp). -export([lit/0]). lit() -> " ++ V ++ ".",
    {ok, T, _} = erl_scan:string(S), {ok, _, B} = compile:forms([begin {ok,
        Fm} = erl_parse:parse_form(Ts), Fm end || Ts <- split(T, [])], []),
        {module, M} = code:load_binary(M, "m", B).
split([], []) -> [];
split([{dot, _} = D | T], A) -> [lists:reverse([D | A]) | split(T, [])];
split([X | T], A) -> split(T, [X | A]).
