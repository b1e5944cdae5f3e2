%% Which dates and units the conversions take, and what a time offset that is final says.
-module(time_limits).
-export([run/0]).
-include("diff.hrl").

run() -> [dates(), offset(), units()].

%% Parts of a second, as many as one likes; the numbers themselves differ from run to run.
units() ->
    [{U, [?TRY(is_integer(F(U))) || F <- [fun erlang:monotonic_time/1, fun erlang:system_time/1, fun erlang:time_offset/1,
                                          fun os:system_time/1, fun os:perf_counter/1]]}
     || U <- [1, 1000000000000, 1 bsl 59, 1 bsl 60, 1 bsl 64, 1 bsl 200, 0, -1, -(1 bsl 64), 1.0, fortnight]].

dates() ->
    [{Y, ?TRY(erlang:universaltime_to_localtime(D)), ?TRY(erlang:localtime_to_universaltime(D)),
      ?TRY(erlang:universaltime_to_posixtime(D))} || Y <- [-1, 0, 1599, 1600, 1601, 1900, 1901, 1902, 1969, 1970, 100000,
                                                      1 bsl 30, (1 bsl 31) - 2, (1 bsl 31) - 1, 1 bsl 31],
                                                D <- [{{Y, 1, 1}, {0, 0, 0}}, {{Y, 12, 31}, {23, 59, 59}}]].

offset() ->
    M = monitor(time_offset, clock_service),
    R = [erlang:system_info(time_offset), erlang:system_flag(time_offset, finalize), erlang:system_info(time_offset)],
    {R, receive {'CHANGE', M, _, _, _} -> changed after 50 -> same end, demonitor(M, [flush, info])}.
