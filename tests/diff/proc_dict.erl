%% The process dictionary: put, get, erase in many sizes; keys by exact equality.
-module(proc_dict).
-export([run/0]).
-include("diff.hrl").

run() ->
    A = [put(a, 1), put(a, 2), get(a), get(zz), put(1, int), put(1.0, float), get(1), get(1.0),
        put("k", s), put({x}, t), put(#{}, m), get("k"), get({x}), get(#{}), put(<<"b">>, bin),
        erase(a), erase(a), get(a)],
    L0 = diff_runner:sorted(get()), K0 = diff_runner:sorted(get_keys()), G0 = get_keys(none),
    put(y, s), K1 = diff_runner:sorted(get_keys(s)), E = diff_runner:sorted(erase()),
    [put(I, I * I) || I <- diff_runner:seq(1, 2000)], S1 = lists_sum(get_keys(), 0),
    [erase(I) || I <- diff_runner:seq(1, 2000), I rem 3 =/= 0], S2 = lists_sum(get_keys(), 0),
    N = length(get()), V = [get(I) || I <- [3, 4, 1998]], X = length(erase()),
    [A, L0, K0, G0, K1, E, S1, S2, N, V, X, get(), get_keys(), put(undefined, x), erase(undefined),
        in_child()].
lists_sum([H | T], S) -> lists_sum(T, S + H);
lists_sum([], S) -> S.
in_child() ->
    put(mine, 1), R = diff_runner:in_process(fun() -> {get(mine), get()} end), erase(mine), R.
