%% Sleeps last at least as long as asked, clocks do not go back, and timeouts of zero still let others run.
-module(time_after).
-export([run/0]).
-include("diff.hrl").

run() ->
    [begin T = erlang:monotonic_time(microsecond), receive after N -> ok end,
        erlang:monotonic_time(microsecond) - T >= N * 1000 end || N <- [0, 1, 2, 5, 11]]
        ++ [mono(1000, erlang:monotonic_time()), starve(500)].
mono(0, _) -> true;
mono(N, T) -> case erlang:monotonic_time() of U when U >= T -> mono(N - 1, U) end.
starve(N) -> Me = self(), spawn(fun() -> Me ! ran end), s(N * 1000).
s(0) -> receive ran -> late after 1000 -> never end;
s(N) -> receive ran -> ran after 0 -> erlang:yield(), s(N - 1) end.
