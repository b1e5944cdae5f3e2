%% diff: full
%% Supervisors of each strategy: who is restarted when one child dies; intensity; dynamic children.
-module(otp_super).
-export([run/0]).
-include("diff.hrl").

-behaviour(supervisor).
-export([init/1, start_child/2, loop/1]).
run() ->
    process_flag(trap_exit, true), M = self(),
    [strategy(S, M) || S <- [one_for_one, one_for_all, rest_for_one]]
        ++ [simple(M), intensity(M), dynamic(M), bad()].
%% Is up when it returns, so that children come up in the order in which they are started.
start_child(N, M) ->
    S = self(), P = spawn_link(fun() -> M ! {up, N}, S ! {started, self()}, loop(N) end),
    receive {started, P} -> {ok, P} end.
loop(N) -> receive {die, R} -> exit(R); who -> N end, loop(N).
init({S, N, Cs}) -> {ok, {#{strategy => S, intensity => N, period => 5}, Cs}}.
child(N, M) -> child(N, M, permanent).
child(N, M, R) ->
    #{id => N, start => {?MODULE, start_child, [N, M]}, restart => R, shutdown => 100}.
strategy(S, M) ->
    {ok, P} = supervisor:start_link(?MODULE, {S, 5, [child(N, M) || N <- [a, b, c]]}), U1 = ups(3),
    kill(P, b, crash), U2 = ups(3), C = supervisor:count_children(P),
    W = [I || {I, Q, worker, _} <- supervisor:which_children(P), is_pid(Q)], kill(P, a, normal),
    U3 = ups(3), unlink(P), exit(P, shutdown), {S, U1, U2, C, W, U3}.
kill(P, N, R) -> {N, Q, _, _} = lists:keyfind(N, 1, supervisor:which_children(P)), Q ! {die, R}.
ups(0) -> [];
ups(K) -> receive {up, N} -> [N | ups(K - 1)] after 500 -> [] end.
simple(M) ->
    {ok, P} = supervisor:start_link(?MODULE, {simple_one_for_one, 5,
        [#{id => x, start => {?MODULE, start_child, []}, restart => transient}]}),
        {ok, A} = supervisor:start_child(P, [one, M]), {ok, _} = supervisor:start_child(P,
        [two, M]), U = ups(2), A ! {die, normal}, V = ups(1), C = supervisor:count_children(P),
        R = [supervisor:terminate_child(P, A), supervisor:terminate_child(P, bogus)], unlink(P),
        exit(P, shutdown), {simple, U, V, C, R}.
intensity(M) ->
    {ok, P} = supervisor:start_link(?MODULE, {one_for_one, 2, [child(a, M)]}), _ = ups(1),
    [begin catch kill(P, a, crash), ups(1) end || _ <- [1, 2, 3]],
    receive {'EXIT', P, R} -> {intensity, R} after 1000 -> none end.
dynamic(M) ->
    {ok, P} = supervisor:start_link({local, otp_super_d}, ?MODULE, {one_for_one, 5, []}),
    R = [element(1, supervisor:start_child(otp_super_d, child(x, M))),
        element(1, supervisor:start_child(P, child(x, M))), supervisor:terminate_child(P, x),
        element(1, supervisor:restart_child(P, x)), element(1, supervisor:restart_child(P, x)),
        supervisor:delete_child(P, x), supervisor:terminate_child(P, x),
        supervisor:delete_child(P, x), supervisor:delete_child(P, x),
        element(1, supervisor:start_child(P, child(t, M, temporary))), begin kill(P, t, crash),
        receive after 300 -> ok end, supervisor:which_children(P) end,
        supervisor:get_childspec(P, t)], unlink(P), exit(P, shutdown), {dynamic, R, ups(3)}.
bad() ->
    [case supervisor:start_link(?MODULE, X) of {error, R} -> exited(R); O -> O end
        || X <- [{bogus, 1, []}, {one_for_one, -1, []}, {one_for_one, 1, [#{id => a}]},
        {one_for_one, 1, [#{id => a, start => {?MODULE, no_fun, []}}]}]]
        ++ [supervisor:check_childspecs([#{id => a, start => {m, f, []}}]),
        supervisor:check_childspecs([#{id => a, start => x}])].
%% One that did not start says why in its answer and exits a moment later: both are shown, in turn.
exited(R) -> receive {'EXIT', _, E} -> {R, E} after 2000 -> {R, still_there} end.
