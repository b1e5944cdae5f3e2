%% receive compiled without markers, and as OTP 23 compiled everything.
-module(old_erl_recv).
-export([run/0]).
-include("diff.hrl").

-compile([no_recv_opt, r23]).
run() ->
    [self() ! {junk, I} || I <- diff_runner:seq(1, 200)], P = spawn(fun() -> loop(0) end),
    R = [call(P, I) || I <- [1, 2, 3]], exit(P, kill), N = length(diff_runner:flush()),
    [R, N, receive x -> y after 1 -> z end].
loop(S) -> receive {F, R, I} -> F ! {R, S + I}, loop(S + I) end.
call(P, I) -> R = make_ref(), P ! {self(), R, I}, receive {R, V} -> V end.
