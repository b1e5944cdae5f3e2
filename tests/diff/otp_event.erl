%% diff: full
%% gen_event: handlers added, swapped, failing, called; supervised handlers.
-module(otp_event).
-export([run/0]).
-include("diff.hrl").

-behaviour(gen_event).
-export([init/1, handle_event/2, handle_call/2, handle_info/2, terminate/2]).
run() ->
    process_flag(trap_exit, true), {ok, P} = gen_event:start_link(), M = self(),
    A = [gen_event:add_handler(P, ?MODULE, {M, a}), gen_event:add_handler(P, {?MODULE, two},
        {M, b}), gen_event:add_handler(P, ?MODULE, {M, a}), lists:sort(gen_event:which_handlers(P)),
        gen_event:notify(P, ev1), gen_event:sync_notify(P, ev2), gen_event:call(P, ?MODULE, ask),
        gen_event:call(P, {?MODULE, two}, ask), gen_event:call(P, none, ask), P ! info,
        gen_event:swap_handler(P, {?MODULE, x}, {?MODULE, {M, c}}),
        gen_event:delete_handler(P, {?MODULE, two}, bye), gen_event:delete_handler(P, none, bye),
        gen_event:sync_notify(P, crash), gen_event:which_handlers(P),
        gen_event:add_sup_handler(P, {?MODULE, sup}, {M, s}), gen_event:sync_notify(P, remove),
        gen_event:which_handlers(P), gen_event:stop(P)], [A, diff_runner:flush(20)].
init({M, N}) -> {ok, {M, N}};
init({{M, N}, T}) -> {ok, {M, {N, swapped, T}}}.
handle_event(crash, _) -> error(boom);
handle_event(remove, _) -> remove_handler;
handle_event(E, {M, N}) -> M ! {N, E}, {ok, {M, N}}.
handle_call(ask, {M, N}) -> {ok, {answer, N}, {M, N}}.
handle_info(I, {M, N}) -> M ! {N, info, I}, {ok, {M, N}}.
terminate({error, {R, _}}, {M, N}) -> M ! {N, terminate, error, R}, term;
terminate(R, {M, N}) -> M ! {N, terminate, R}, term.
