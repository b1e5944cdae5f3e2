%% diff: full
%% calendar: conversions, validity, leap years, weeks, rfc3339.
-module(lib_calendar).
-export([run/0]).
-include("diff.hrl").

run() ->
    Ds = [{1970, 1, 1}, {2000, 2, 29}, {1999, 12, 31}, {2024, 2, 29}, {1, 1, 1}, {2100, 3, 1}],
    [{D, calendar:date_to_gregorian_days(D), calendar:day_of_the_week(D),
        calendar:iso_week_number(D), calendar:is_leap_year(element(1, D)),
        calendar:last_day_of_the_month(element(1, D), element(2, D)),
        calendar:gregorian_days_to_date(calendar:date_to_gregorian_days(D)) =:= D,
        calendar:datetime_to_gregorian_seconds({D, {12, 30, 15}})} || D <- Ds]
        ++ [calendar:valid_date({2023, 2, 29}), calendar:seconds_to_daystime(100000),
        calendar:seconds_to_time(3661), calendar:time_to_seconds({1, 1, 1}),
        calendar:time_difference({{2000, 1, 1}, {0, 0, 0}}, {{2000, 1, 2}, {1, 0, 0}}),
        calendar:gregorian_seconds_to_datetime(63000000000),
        calendar:system_time_to_universal_time(0, second),
        calendar:system_time_to_rfc3339(1700000000, [{offset, "Z"}]),
        calendar:system_time_to_rfc3339(1700000000123, [{unit, millisecond}, {offset, "+02:00"}]),
        calendar:rfc3339_to_system_time("2018-02-01T16:17:58.000+01:00", [{unit, millisecond}]),
        calendar:now_to_datetime({1700, 0, 0}), ?TRY(calendar:date_to_gregorian_days({2023, 13,
        1})), ?TRY(calendar:time_to_seconds({25, 0, 0}))].
