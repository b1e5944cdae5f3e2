%% gen_server:call to a counter.
-module(bench_genserver_call).
-export([run/1]).

-behaviour(gen_server).
-export([init/1, handle_call/3, handle_cast/2]).
run(N) ->
    {ok, P} = gen_server:start_link(?MODULE, 0, []), R = loop(P, N * 10), gen_server:stop(P), R.
loop(P, 0) -> gen_server:call(P, get);
loop(P, N) -> gen_server:call(P, {add, N band 7}), loop(P, N - 1).
init(S) -> {ok, S}.
handle_call(get, _, S) -> {reply, S, S};
handle_call({add, X}, _, S) -> {reply, ok, S + X}.
handle_cast(_, S) -> {noreply, S}.
