%% Exceptions whose stack trace is built and looked at; after parts that run on the way.
-module(bench_exceptions_trace).
-export([run/1]).

run(N) -> loop(N * 5, 0).
loop(0, S) -> S;
loop(N, S) ->
    X = try g(N) catch error:_:St -> length(St) after ok end, loop(N - 1, (S + X) band 16#ffff).
g(N) -> try h(N, 6) after put(x, N) end.
h(N, 0) -> element(N band 1 + 2, {x});
h(N, D) -> [h(N, D - 1)].
