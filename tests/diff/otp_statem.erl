%% diff: full
%% gen_statem: state enter calls, postponed events, the three kinds of timeout, internal events.
-module(otp_statem).
-export([run/0]).
-include("diff.hrl").

-behaviour(gen_statem).
-export([init/1, callback_mode/0, red/3, green/3, terminate/3]).
run() ->
    {ok, P} = gen_statem:start_link(?MODULE, self(), []),
    A = [gen_statem:call(P, where), gen_statem:cast(P, go), gen_statem:call(P, where),
        gen_statem:cast(P, later), gen_statem:cast(P, back), gen_statem:call(P, where),
        gen_statem:call(P, {timers, 5}), sys:get_state(P)], B = collect(8),
        C = [gen_statem:call(P, stop), gone(P), ?TRY(gen_statem:call(P, where))],
        [A, B, C, diff_runner:flush(10)].
collect(0) -> [];
collect(N) -> receive M -> [M | collect(N - 1)] after 200 -> [] end.
init(M) -> {ok, red, {M, 0}}.
callback_mode() -> [state_functions, state_enter].
red(enter, O, {M, N}) -> M ! {enter, red, O}, {keep_state, {M, N + 1}};
red(cast, go, D) -> {next_state, green, D};
red(cast, later, _) -> {keep_state_and_data, postpone};
red({timeout, T}, X, {M, _}) -> M ! {timeout, T, X}, keep_state_and_data;
red(state_timeout, X, {M, _}) -> M ! {state_timeout, X}, keep_state_and_data;
red(timeout, X, {M, _}) -> M ! {event_timeout, X}, keep_state_and_data;
red(internal, X, {M, _}) -> M ! {internal, X}, keep_state_and_data;
red({call, F}, {timers, T}, _) ->
    {keep_state_and_data, [{reply, F, ok}, {state_timeout, T, st}, {{timeout, named}, T * 2, nt},
        {next_event, internal, first}]};
red({call, F}, where, {_, N}) -> {keep_state_and_data, {reply, F, {red, N}}};
red({call, F}, stop, D) -> {stop_and_reply, normal, {reply, F, stopping}, D}.
green(enter, O, {M, N}) -> M ! {enter, green, O}, {keep_state, {M, N + 10}};
green(cast, back, D) -> {next_state, red, D};
green(cast, later, {M, _}) -> M ! later_seen, keep_state_and_data;
green({call, F}, where, {_, N}) -> {keep_state_and_data, {reply, F, {green, N}}}.
terminate(R, S, {M, _}) -> M ! {terminate, R, S}, ok.
%% The answer comes before the end: waits for that.
gone(P) -> R = monitor(process, P), receive {'DOWN', R, _, _, _} -> gone after 2000 -> there end.
