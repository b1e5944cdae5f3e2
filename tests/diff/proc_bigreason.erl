%% Exit reasons that are large terms, funs, binaries and identifiers.
-module(proc_bigreason).
-export([run/0]).
-include("diff.hrl").

run() ->
    Me = self(), B = binary:copy(<<"x">>, 10000), [begin {P,
        M} = spawn_monitor(fun() -> exit(R) end), receive {'DOWN', M, process, P, Q} -> {Q =:= R,
        erlang:phash2(Q) =:= erlang:phash2(R)} end end || R <- [diff_runner:seq(1, 10000), B,
        {Me, make_ref()}, fun() -> B end, #{k => B}, 1 bsl 10000, 1.5, <<1:3>>, [[[[]]]],
        {nested, {deep, [B, B]}}]].
