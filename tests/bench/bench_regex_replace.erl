%% re:replace and re:split over a longer text.
-module(bench_regex_replace).
-export([run/1]).

run(N) -> T = binary:copy(<<"alpha=1; beta = 22;gamma=333 ; delta= 4444;\n">>, 20), repeat(N, T, 0).
repeat(0, _, S) -> S;
repeat(N, T, S) ->
    A = re:replace(T, "(\\w+)\\s*=\\s*(\\d+)", "\\2:\\1", [global, {return, binary}]),
    B = re:split(T, "\\s*;\\s*"), repeat(N - 1, T, (S + byte_size(A) + length(B)) band 16#ffffff).
