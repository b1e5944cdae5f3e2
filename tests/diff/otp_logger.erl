%% diff: full
%% The logger with a handler of our own: levels, filters, formatting, metadata, reports.
-module(otp_logger).
-export([run/0]).
-include("diff.hrl").

-export([log/2]).
run() ->
    Old = logger:get_primary_config(), logger:set_handler_config(default, level, none),
    logger:set_primary_config(level, all), ok = logger:add_handler(diff_h, ?MODULE,
        #{config => #{to => self()}, level => info}), logger:error("text ~p", [1]),
        logger:info(#{report => map}), logger:debug("hidden"), logger:warning("meta", #{key => v}),
        logger:notice([{a, 1}]), logger:set_handler_config(diff_h, level, error),
        logger:info("now hidden"), logger:critical("shown"),
        error_logger:error_msg("old ~s", ["style"]), logger:set_process_metadata(#{pm => 1}),
        logger:alert("pm"), logger:log(emergency, "em"), logger:set_module_level(?MODULE, none),
        logger:error("off"), logger:unset_module_level(?MODULE), receive after 20 -> ok end,
        L = diff_runner:flush(), R = [logger:compare_levels(error, info),
        logger:allow(debug, ?MODULE), logger:get_handler_ids() -- [default, ssl_handler],
        logger:remove_handler(diff_h), logger:remove_handler(diff_h),
        logger:add_handler_filter(none, x, {fun(E, _) -> E end, []})],
        logger:set_primary_config(Old), logger:set_handler_config(default, level, all),
    F = lists:flatten(logger_formatter:format(#{level => error, msg => {"m ~p", [x]},
        meta => #{time => 0, pid => self(), gl => self()}},
        #{template => [level, " ", msg, "\n"], single_line => true})),
        [L, R, F, lists:flatten(logger_formatter:format(#{level => info,
        msg => {report, #{a => 1, b => "s"}}, meta => #{time => 1600000000000000}},
        #{template => [time, " ", msg], time_offset => "Z"}))].
log(#{level := L, msg := M, meta := Meta}, #{config := #{to := P}}) ->
    P ! {L, M, maps:with([key, pm, mfa, line], Meta)}.
