%% What erts_debug's internal state tells the test suites: relations, references to nodes, waiting for what
%% was given up, numbers to come; and magic references that come back as bytes and text.
%% diff: full
%% diff: alone
%% diff: flags -name debug_state@127.0.0.1
-module(debug_state).
-export([run/0]).
-include("diff.hrl").

ask(K) -> ?TRY(erts_debug:get_internal_state(K)).
tell(K, V) -> ?TRY(erts_debug:set_internal_state(K, V)).

run() ->
    Before = {ask(available_internal_state), ask(next_pid), tell(next_pid, 1)},
    On = tell(available_internal_state, true),
    R = [Before, On, keys(), relations(), magic(), nodes_(), waits(), timers()],
    R ++ [tell(available_internal_state, false), ask(reds_left)].

keys() ->
    [{K, case ask(K) of {ok, V} when is_integer(V) -> integer; {ok, L} when is_list(L) -> list; O -> O end}
     || K <- [available_internal_state, reds_left, next_pid, next_port, processes, no_such_key, {no_such_key, 1}, 17]].

relations() ->
    Self = self(),
    P = spawn_link(fun() -> receive stop -> ok end end),
    M = monitor(process, P),
    register(watched, P),
    N = monitor(process, watched),
    Q = spawn(fun() -> monitor(process, Self), link(Self), Self ! ready, receive stop -> ok end end),
    receive ready -> ok end,
    Name = fun(X) when X =:= P -> p; (X) when X =:= Q -> q; (X) when X =:= Self -> self; (X) when X =:= M -> m;
              (X) when X =:= N -> n; (X) when is_reference(X) -> ref; (X) -> X end,
    Links = fun(Of) -> {ok, L} = ask({link_list, Of}),
                lists:sort([{T, Name(O), S, is_integer(I)} || {erl_link, T, O, S, I} <- L]) end,
    Monitors = fun(Of) -> {ok, L} = ask({monitor_list, Of}),
                lists:sort([{T, D, Name(Ref), Name(O), X} || {erl_monitor, T, D, Ref, O, X} <- L]) end,
    Res = [Links(Self) -- Links(group_leader()), [X || X <- Links(P), element(2, X) =:= self], Links(Q),
           [X || X <- Monitors(Self), lists:member(element(4, X), [p, q])], Monitors(P), Monitors(Q),
           ask({link_list, nonode}), ask({monitor_list, 'x@y'}), ask({link_list, list_to_pid("<0.4242.0>")})],
    demonitor(M), demonitor(N), unlink(Q), unlink(P),
    P ! stop, Q ! stop,
    Res.

magic() ->
    T = ets:new(t, [public]),
    true = ets:insert(T, {k, v}),
    [ets:lookup(binary_to_term(term_to_binary(T)), k), ets:lookup(list_to_ref(ref_to_list(T)), k),
     T =:= list_to_ref(ref_to_list(T)), T =:= binary_to_term(term_to_binary(T)),
     begin B = term_to_binary(T), true = ets:delete(T), ?TRY(ets:lookup(binary_to_term(B), k)) end].

%% A process of a node that nobody else knows: one holder, who holds it once and then no more.
nodes_() ->
    Pid = binary_to_term(<<131, 88, 100, 9:16, "far@nohow", 17:32, 0:32, 5:32>>),
    Here = {process, self()},
    Of = fun() -> {ok, {{node_references, L}, {dist_references, _}}} = ask(node_and_dist_references),
             [[C || {Who, C} <- Referrers, Who =:= Here] || {{'far@nohow', 5}, _, Referrers} <- L] end,
    Tab = ets:new(holder, [named_table]),
    ets:insert(Tab, {Pid, 1}),
    {ok, {{node_references, L}, _}} = ask(node_and_dist_references),
    InTable = [C || {{'far@nohow', 5}, _, Rs} <- L, {{ets, holder}, C} <- Rs],
    ets:delete(Tab),
    Some = length(Of()),
    {is_pid(Pid), Some, InTable}.

waits() -> [tell(wait, deallocations), tell(wait, timer_cancellations), tell(wait, nothing)].

timers() ->
    tell(multizero_timeout_in_timeout, 1),
    receive multizero_timeout_in_timeout_done -> done after 5000 -> nothing end.

