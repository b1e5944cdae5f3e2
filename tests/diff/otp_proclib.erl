%% diff: full
%% proc_lib: start protocols, initial calls, ancestors, crash reports as reasons; sys on a special process.
-module(otp_proclib).
-export([run/0]).
-include("diff.hrl").

-export([init_ok/1, init_fail/1, init_die/1, special/1, system_continue/3, system_terminate/4, system_get_state/1]).
run() ->
    process_flag(trap_exit, true), M = self(), {ok, P} = proc_lib:start_link(?MODULE, init_ok, [M]),
    B = receive {P, I} -> I after 1000 -> none end, C = [proc_lib:initial_call(P),
        proc_lib:translate_initial_call(P), element(1, proc_lib:start_link(?MODULE, init_fail,
        [M])), case proc_lib:start_link(?MODULE, init_die, [M]) of {error, {R, [H | _]}} -> {R, H};
        O -> O end, proc_lib:stop(P)], {Q, Mon} = proc_lib:spawn_opt(fun() -> exit(q) end,
        [monitor]), D = receive {'DOWN', Mon, process, Q, W} -> W end,
        S = proc_lib:spawn_link(?MODULE, special, [M]),
        E = [sys:get_state(S), element(1, sys:get_status(S)), sys:suspend(S), sys:resume(S),
        sys:terminate(S, done)], F = receive {'EXIT', S, R2} -> R2 after 1000 -> none end,
        [B, C, D, E, F, length(diff_runner:flush(10)) >= 0].
init_ok(M) ->
    proc_lib:init_ack({ok, self()}), M ! {self(), {get('$initial_call'),
        length(get('$ancestors'))}}, receive {system, F, {terminate, R}} -> gen:reply(F, ok),
        exit(R) end.
init_fail(_) -> proc_lib:init_ack({error, no}), ok.
init_die(_) -> error(dead).
special(M) -> receive {system, F, R} -> sys:handle_system_msg(R, F, M, ?MODULE, [], {state, 1}) end.
system_continue(M, _, _) -> special(M).
system_terminate(R, _, _, _) -> exit(R).
system_get_state(S) -> {ok, S}.
