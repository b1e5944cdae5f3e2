%% process_flag(save_calls, N) and process_info(_, last_calls).
-module(last_calls).
-export([run/0, outer/1, inner/1]).
-include("diff.hrl").

run() -> [own(), others(), wraps(), sensitive(), ends(), loads(), with_trace(), raised(), errors()].

mine() ->
    {last_calls, L} = process_info(self(), last_calls),
    [C || C <- L, is_atom(C) orelse element(1, C) =:= ?MODULE].

own() ->
    Before = process_info(self(), last_calls),
    Old = process_flag(save_calls, 200),
    Empty = mine(),
    local(3),
    ?MODULE:outer(2),
    self() ! {hello, you},
    receive {hello, X} -> X end,
    receive never -> ok after 1 -> ok end,
    receive never -> ok after 0 -> ok end,
    apply(?MODULE, opaque(inner), [1]),
    (opaque(fun ?MODULE:inner/1))(2),
    L = mine(),
    Again = process_flag(save_calls, 20),
    Fresh = mine(),
    Last = process_flag(save_calls, 0),
    {Before, Old, Empty, L, Again, Fresh, Last, process_info(self(), last_calls)}.

local(N) -> [N, inner(N)].
outer(N) -> [N, ?MODULE:inner(N)].
inner(N) -> N.
opaque(X) -> X.

others() ->
    P = spawn(fun() -> receive go -> ?MODULE:outer(1) end, receive {from, S} -> S ! {self(), mine()} end, receive stop -> ok end end),
    A = process_flag(P, save_calls, 30),
    P ! go,
    P ! {from, self()},
    R = receive {P, L} -> L end,
    B = process_flag(P, save_calls, 0),
    C = process_flag(self(), save_calls, 0),
    P ! stop,
    {A, R, B, C, process_info(P, last_calls) =:= undefined orelse false}.

wraps() ->
    process_flag(save_calls, 3),
    [?MODULE:inner(N) || N <- [1, 2, 3, 4, 5]],
    {last_calls, L} = process_info(self(), last_calls),
    process_flag(save_calls, 0),
    L.

sensitive() ->
    process_flag(save_calls, 10),
    process_flag(sensitive, true),
    ?MODULE:outer(1),
    process_flag(sensitive, false),
    L = mine(),
    process_flag(save_calls, 0),
    L.

%% Processes end while they save calls; what is left behind does no harm.
ends() ->
    Ms = [spawn_monitor(fun() -> process_flag(save_calls, N), [?MODULE:outer(I) || I <- lists:seq(1, N)], exit(N) end)
          || N <- lists:seq(1, 50)],
    Sum = lists:sum([receive {'DOWN', M, process, P, N} -> N end || {P, M} <- Ms]),
    {Sum, [?MODULE:outer(I) || I <- [1, 2]]}.

loads() ->
    Forms = [{attribute, 1, module, last_calls_new}, {attribute, 1, export, [{f, 0}]},
             {function, 2, f, 0, [{clause, 2, [], [], [{atom, 2, here}]}]}],
    {ok, M, B} = compile:forms(Forms),
    process_flag(save_calls, 5000),
    {module, M} = code:load_binary(M, "last_calls_new.erl", B),
    R = M:f(),
    {last_calls, L} = process_info(self(), last_calls),
    process_flag(save_calls, 0),
    true = code:delete(M),
    code:purge(M),
    {R, [C || {X, _, _} = C <- L, X =:= M]}.

with_trace() ->
    Me = self(),
    T = spawn(fun() -> Me ! {trace_is, (fun F() -> receive stop -> []; X -> [element(4, X) | F()] end end)()} end),
    process_flag(save_calls, 20),
    erlang:trace(self(), true, [call, {tracer, T}]),
    erlang:trace_pattern({?MODULE, inner, 1}, true, []),
    ?MODULE:outer(1),
    erlang:trace_pattern({?MODULE, inner, 1}, false, []),
    ?MODULE:outer(2),
    erlang:trace_pattern({?MODULE, inner, 1}, true, [local]),
    ?MODULE:outer(3),
    Info = erlang:trace_info({?MODULE, inner, 1}, traced),
    erlang:trace_pattern({?MODULE, inner, 1}, false, [local]),
    L = mine(),
    process_flag(save_calls, 0),
    erlang:trace(self(), false, [call]),
    R = erlang:trace_delivered(self()),
    receive {trace_delivered, _, R} -> ok end,
    T ! stop,
    {receive {trace_is, Seen} -> Seen end, Info, L}.

%% Traces begin with who called error/3, also where calls of it are reported.
raised() ->
    process_flag(save_calls, 10),
    A = raised(fun() -> raises(1) end),
    B = raised(fun() -> erlang:raise(error, x, []) end),
    C = raised(fun() -> erlang:error(x, [1]) end),
    process_flag(save_calls, 0),
    erlang:trace(self(), true, [call, {tracer, spawn(fun() -> receive never -> ok end end)}]),
    [erlang:trace_pattern({erlang, error, N}, true, []) || N <- [1, 2, 3]],
    D = raised(fun() -> raises(2) end),
    [erlang:trace_pattern({erlang, error, N}, false, []) || N <- [1, 2, 3]],
    erlang:trace(self(), false, [call]),
    {A, B, C, D}.

raised(F) ->
    try F() catch C:R:Trace -> {C, R, lists:sublist(Trace, 1)} end.

raises(X) -> erlang:error(badarg, [X], [{error_info, #{cause => x}}]).

errors() ->
    [?TRY(process_flag(save_calls, V)) || V <- [-1, 10001, a, 1.0]]
        ++ [?TRY(process_flag(self(), save_calls, V)) || V <- [-1, 10001, a]]
        ++ [?TRY(process_flag(spawn(fun() -> ok end), save_calls, V)) || V <- [-1, b]].
