%% A gen_statem that switches between two states.
-module(bench_genserver_statem).
-export([run/1]).

-behaviour(gen_statem).
-export([init/1, callback_mode/0, handle_event/4]).
run(N) ->
    {ok, P} = gen_statem:start_link(?MODULE, [], []), R = loop(P, N * 5), gen_statem:stop(P), R.
loop(P, 0) -> gen_statem:call(P, count);
loop(P, N) -> gen_statem:call(P, flip), loop(P, N - 1).
init(_) -> {ok, off, 0}.
callback_mode() -> handle_event_function.
handle_event({call, F}, flip, on, D) -> {next_state, off, D + 1, [{reply, F, ok}]};
handle_event({call, F}, flip, off, D) -> {next_state, on, D + 1, [{reply, F, ok}]};
handle_event({call, F}, count, _, D) -> {keep_state, D, [{reply, F, D}]}.
