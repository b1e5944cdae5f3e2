%% start_timer, send_after, cancel and read, absolute times, names as receivers, bad arguments.
-module(timer_basic).
-export([run/0]).
-include("diff.hrl").

run() ->
    Me = self(), R1 = erlang:send_after(5, Me, hello),
    A = receive hello -> ok after 2000 -> late end, R2 = erlang:start_timer(5, Me, msg),
    B = receive {timeout, R2, msg} -> ok after 2000 -> late end,
    R3 = erlang:send_after(100000, Me, never), C = case erlang:read_timer(R3) of N when N > 90000,
    N =< 100000 -> ok end, D = case erlang:cancel_timer(R3) of M when M > 90000 -> ok end,
    E = [erlang:cancel_timer(R3), erlang:read_timer(R3), erlang:cancel_timer(R1),
        erlang:read_timer(R2), erlang:cancel_timer(make_ref())],
    register(timer_me, Me), erlang:send_after(1, timer_me, named),
    F = receive named -> ok after 2000 -> late end, unregister(timer_me),
    erlang:send_after(1, no_such_name_t, x),
    T = erlang:monotonic_time(millisecond) + 10, R4 = erlang:send_after(T, Me, abs, [{abs, true}]),
    G = receive abs -> erlang:monotonic_time(millisecond) >= T after 2000 -> late end,
    R5 = erlang:start_timer(100000, Me, z), H = [erlang:cancel_timer(R5,
        [{async, false}, {info, false}]), erlang:cancel_timer(R4, [{async, true}])],
        I = receive {cancel_timer, R4, X} -> X after 1000 -> none end,
        J = [erlang:cancel_timer(R4, [{async, true}, {info, false}])],
    K = erlang:start_timer(0, Me, zero), L = receive {timeout, K,
        zero} -> ok after 1000 -> late end, R6 = erlang:start_timer(50000, Me, q),
        erlang:read_timer(R6, [{async, true}]), O = receive {read_timer, R6,
        V} when V > 40000 -> ok after 1000 -> none end, erlang:cancel_timer(R6),
    [A, B, C, D, E, F, G, H, I, J, L, O, ?TRY(erlang:send_after(?ID(a), Me, x)),
        ?TRY(erlang:send_after(?ID(-1), Me, x)), ?TRY(erlang:send_after(1, ?ID(1), x)),
        ?TRY(erlang:start_timer(?ID(1 bsl 70), Me, x)),
        ?TRY(erlang:start_timer(1, Me, x, ?ID([bad]))), ?TRY(erlang:cancel_timer(?ID(a))),
        ?TRY(erlang:read_timer(?ID(1))), ?TRY(erlang:cancel_timer(make_ref(), ?ID([bad]))),
        diff_runner:flush()].
