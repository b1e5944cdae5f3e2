%% diff: full
%% gen_server: calls, casts, infos, continue, timeouts, stops, crashes as callers see them, names, formats.
-module(otp_server).
-export([run/0]).
-include("diff.hrl").

-behaviour(gen_server).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, handle_continue/2, terminate/2, code_change/3]).
run() ->
    process_flag(trap_exit, true), {ok, P} = gen_server:start_link({local, otp_srv}, ?MODULE,
        {ok, self()}, []),
    B = [gen_server:call(P, get), gen_server:call(P, {add, 5}), gen_server:cast(P, {add, 2}),
        gen_server:call({otp_srv, node()}, get), ?TRY(gen_server:call(no_srv, x)),
        gen_server:call(P, {delayed, z}), gen_server:call(P, continue), gen_server:call(P, get),
        gen_server:multi_call([node()], otp_srv, get), gen_server:start_link({local, otp_srv},
        ?MODULE, {ok, self()}, []) =:= {error, {already_started, P}},
        ?TRY(gen_server:call(P, sleep, 20)), element(1,
        gen_server:wait_response(gen_server:send_request(P, get), 1000)), sys:get_state(P),
        sys:replace_state(P, fun({M, S}) -> {M, S + 100} end), sys:suspend(P), sys:resume(P),
        element(1, sys:get_status(P)), gen_server:call(P, timeout_me)],
    C = receive {told, T} -> T after 1000 -> none end, D = ?TRY(gen_server:call(P, crash)),
    E = receive {'EXIT', P, R} -> R after 1000 -> none end,
    T2 = receive {terminated, T3} -> T3 after 1000 -> none end,
    F = [gen_server:start(?MODULE, I, []) || I <- [ignore, {stop, why}, bad, throw]],
    {ok, Q} = gen_server:start(?MODULE, {ok, self()}, []),
    G = [gen_server:stop(Q), receive {terminated, T4} -> T4 after 1000 -> none end,
        ?TRY(gen_server:stop(Q)), ?TRY(gen_server:call(Q, x))],
        {ok, S} = gen_server:start(?MODULE, {ok, self()}, []),
        H = [?TRY(gen_server:call(S, {stop, normal})), gone(S), ?TRY(gen_server:call(S, get))],
    [B, C, cut(D), cut(E), cut(T2), cut(F), G, H, [X || X <- diff_runner:flush(20), is_atom(X)]].
cut({crashed, [H | _]}) -> {crashed, H};
cut({{crashed, [H | _]}, M}) -> {{crashed, H}, M};
cut({C, {{crashed, [H | _]}, {M, F, A}}}) -> {C, crashed, H, {M, F, A}};
cut(L) when is_list(L) -> [cut(X) || X <- L];
cut({error, {R, [H | _]}}) -> {error, R, H};
cut(X) -> X.
init({ok, M}) -> {ok, {M, 0}};
init(throw) -> throw({ok, {none, 1}});
init(ignore) -> ignore;
init({stop, R}) -> {stop, R};
init(bad) -> nonsense.
handle_call(get, _, {_, N} = S) -> {reply, N, S};
handle_call({add, X}, _, {M, N}) -> {reply, ok, {M, N + X}};
handle_call({delayed, X}, F, S) -> gen_server:reply(F, {late, X}), {noreply, S};
handle_call(sleep, _, S) -> receive after 60 -> ok end, {reply, slept, S};
handle_call(continue, F, S) -> {noreply, S, {continue, F}};
handle_call(timeout_me, _, S) -> {reply, ok, S, 5};
handle_call({stop, R}, _, S) -> {stop, R, stopping, S};
handle_call(crash, _, _) -> error(crashed).
handle_cast({add, X}, {M, N}) -> {noreply, {M, N + X}}.
handle_continue(F, {M, N}) -> gen_server:reply(F, continued), {noreply, {M, N * 2}}.
handle_info(timeout, {M, _} = S) -> M ! {told, timeout}, {noreply, S};
handle_info(_, {M, N}) -> {noreply, {M, N + 1}}.
terminate(R, {M, _}) -> M ! {terminated, case R of {X, [_ | _]} -> X; _ -> R end}, ok.
code_change(_, S, _) -> {ok, S}.
%% The answer comes before the end: waits for that.
gone(P) -> R = monitor(process, P), receive {'DOWN', R, _, _, _} -> gone after 2000 -> there end.
