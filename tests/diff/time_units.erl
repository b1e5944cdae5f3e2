%% Times and conversions: units, properties that always hold, errors.
-module(time_units).
-export([run/0]).
-include("diff.hrl").

run() ->
    U = [second, millisecond, microsecond, nanosecond, native, perf_counter, 1000, 7],
    A = [{F, T, V, erlang:convert_time_unit(V, F, T)} || F <- [second, millisecond, microsecond,
        nanosecond, 10], T <- [second, millisecond, microsecond, nanosecond, 7],
        V <- [0, 1, -1, 1500, -1500, 1 bsl 62]],
    M1 = erlang:monotonic_time(), M2 = erlang:monotonic_time(), {Mg, S, Us} = erlang:timestamp(),
    {X, Y, Z} = os:timestamp(), {{Yr, _, _}, {_, _, _}} = erlang:universaltime(),
    {{_, _, _}, {_, _, _}} = erlang:localtime(),
    [A, M2 >= M1, is_integer(Mg), S < 1000000, Us < 1000000, is_integer(X + Y + Z), Yr > 2020,
        [is_integer(erlang:system_time(V)) || V <- U], [is_integer(erlang:monotonic_time(V))
        || V <- U], [is_integer(os:system_time(V)) || V <- U], is_integer(erlang:time_offset()),
        abs(erlang:monotonic_time() + erlang:time_offset() - erlang:system_time()) < erlang:convert_time_unit(5,
        second, native), ?TRY(erlang:system_time(?ID(bad))), ?TRY(erlang:monotonic_time(?ID(0))),
        ?TRY(erlang:convert_time_unit(?ID(a), second, second)),
        ?TRY(erlang:convert_time_unit(1, ?ID(0), second)), is_integer(erlang:system_time(second)),
        erlang:system_time(second) > 1600000000,
        erlang:unique_integer() =/= erlang:unique_integer(), erlang:unique_integer([positive]) > 0,
        (fun() -> I = erlang:unique_integer([monotonic]), J = erlang:unique_integer([monotonic]),
        J > I end)(), ?TRY(erlang:unique_integer(?ID([x]))), erlang:system_info(time_correction),
        erlang:system_info(time_warp_mode), erlang:posixtime_to_universaltime(0),
        erlang:posixtime_to_universaltime(1700000000), erlang:universaltime_to_posixtime({{2024, 2,
        29}, {12, 0, 0}}), ?TRY(erlang:universaltime_to_posixtime(?ID({{2023, 2, 29},
        {12, 0, 0}}))), erlang:universaltime_to_localtime({{2020, 6, 1}, {0, 0, 0}}),
        erlang:localtime_to_universaltime({{2020, 6, 1}, {0, 0, 0}}),
        ?TRY(erlang:localtime_to_universaltime(?ID(a)))].
