%% gen_server:cast in bursts, then one call that waits for them.
-module(bench_genserver_cast).
-export([run/1]).

-behaviour(gen_server).
-export([init/1, handle_call/3, handle_cast/2]).
run(N) -> {ok, P} = gen_server:start_link(?MODULE, 0, []), R = loop(P, N), gen_server:stop(P), R.
loop(P, 0) -> gen_server:call(P, get);
loop(P, N) ->
    [gen_server:cast(P, {add, I}) || I <- [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]], gen_server:call(P, get),
    loop(P, N - 1).
init(S) -> {ok, S}.
handle_call(get, _, S) -> {reply, S, S}.
handle_cast({add, X}, S) -> {noreply, S + X}.
