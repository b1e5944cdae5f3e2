%% diff: full
%% Seeded generators give the same sequence everywhere; random, old and new algorithms.
-module(lib_rand).
-export([run/0]).
-include("diff.hrl").

run() ->
    [{A, begin S = rand:seed_s(A, {1, 2, 3}), {L, S2} = lists:mapfoldl(fun(_,
        X) -> rand:uniform_s(1000000, X) end, S, lists:seq(1, 10)), {F, S3} = rand:uniform_s(S2),
        {N, S4} = rand:normal_s(S3), {R, S5} = rand:uniform_real_s(S4),
        {B, _} = rand:bytes_s(5, S5), {L, F, N, R, B, try element(1,
        rand:uniform_s(rand:jump(S))) catch error:not_implemented -> nojump end,
        rand:export_seed_s(S)} end} || A <- [exsss, exro928ss, exrop, exs1024s, exsp, dummy]]
        ++ [begin rand:seed(exsss, 42), [rand:uniform(100) || _ <- lists:seq(1, 10)] end,
        rand:mwc59(1), rand:exsp_next([1 | 2]), element(1, random:uniform_s(100, {1, 2, 3})),
        rand:splitmix64_next(7), ?TRY(rand:uniform(0)), ?TRY(rand:seed(?ID(nope)))].
