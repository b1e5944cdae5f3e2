%% A queue of bounded length through which everything ages before it dies.
-module(bench_collection_queue).
-export([run/1]).

run(N) ->
    Q = lists:foldl(fun queue:in/2, queue:new(), [{I, [I]} || I <- lists:seq(1, 5000)]),
    loop(N * 20, Q, 0).
loop(0, _, S) -> S;
loop(N, Q, S) ->
    {{value, {I, _}}, Q1} = queue:out(Q), loop(N - 1, queue:in({N, [N, I]}, Q1),
        (S + I) band 16#ffffff).
