%% throw and error caught a few frames up.
-module(bench_exceptions_catch).
-export([run/1]).

run(N) -> loop(N * 10, 0).
loop(0, S) -> S;
loop(N, S) ->
    X = try f(N, 5) catch throw:V -> V; error:{e, V} -> V + 1 end,
    loop(N - 1, (S + X) band 16#ffff).
f(N, 0) when N rem 2 =:= 0 -> throw(N band 15);
f(N, 0) -> error({e, N band 15});
f(N, D) -> 1 + f(N, D - 1).
