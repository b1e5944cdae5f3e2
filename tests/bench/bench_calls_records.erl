%% Records read and updated in a loop, as server states are.
-module(bench_calls_records).
-export([run/1]).

-record(s, {count = 0, last, log = [], flag = false, limit = 100}).
run(N) -> S = loop(N * 100, #s{}), S#s.count.
loop(0, S) -> S;
loop(N, S = #s{count = C, flag = true}) -> loop(N - 1, S#s{count = C + 1, flag = false, last = N});
loop(N, S = #s{count = C, log = L, limit = M}) when length(L) < 5 ->
    loop(N - 1, S#s{count = C + 2, log = [N | L], limit = M - 1});
loop(N, S = #s{log = L}) -> loop(N - 1, S#s{flag = true, log = tl(L), limit = 100}).
