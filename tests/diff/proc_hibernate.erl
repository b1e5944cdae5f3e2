%% hibernate drops the stack, keeps the mailbox and dictionary, and continues in the function given.
-module(proc_hibernate).
-export([run/0]).
-include("diff.hrl").

-export([woken/2]).
run() ->
    Me = self(), P = spawn(fun() -> put(k, v), self() ! early, X = big(1000), receive go -> ok end,
        erlang:hibernate(?MODULE, woken, [Me, length(X)]), Me ! never end),
    P ! go, A = receive {woken, M1} -> M1 end, P ! second, B = receive {woken, M2} -> M2 end,
    Q = spawn(fun() -> erlang:hibernate(?MODULE, woken, [Me, q]) end), receive after 20 -> ok end,
    I = process_info(Q, current_function), H = element(2, process_info(Q, total_heap_size)) < 100,
    Q ! x, C = receive {woken, M3} -> M3 end, exit(Q, kill), exit(P, kill),
    [A, B, I, H, C, ?TRY(erlang:hibernate(?ID(1), f, [])), ?TRY(erlang:hibernate(m, f, ?ID(a)))].
woken(Me, N) ->
    receive M -> Me ! {woken, {M, N, get(k)}} end, erlang:hibernate(?MODULE, woken, [Me, N]).
big(N) -> diff_runner:seq(1, N).
