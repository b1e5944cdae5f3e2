%% diff: full
%% Applications: specifications, environment, loading, the ones that run.
-module(otp_app).
-export([run/0]).
-include("diff.hrl").

run() ->
    A = {application, diff_app, [{description, "d"}, {vsn, "1.2"}, {modules, []}, {registered, []},
        {applications, [kernel, stdlib]}, {env, [{k, v}, {n, 1}]}]},
        [application:load(A), application:load(A), application:get_env(diff_app, k),
        application:get_env(diff_app, zz), application:get_env(diff_app, zz, dflt),
        application:set_env(diff_app, k, w), lists:sort(application:get_all_env(diff_app)),
        application:unset_env(diff_app, n), lists:sort(application:get_all_env(diff_app)),
        application:get_key(diff_app, vsn), application:get_key(diff_app, applications),
        application:start(diff_app), [X || {diff_app, _,
        _} = X <- application:which_applications()], application:ensure_all_started(diff_app),
        application:stop(diff_app), application:stop(diff_app), application:unload(diff_app),
        application:start(no_such_app_q), application:get_application(lists),
        application:get_application(self()), application:ensure_started(stdlib),
        application:get_key(stdlib, description), [N || {N, _,
        _} <- application:which_applications(), lists:member(N, [kernel, stdlib])]].
