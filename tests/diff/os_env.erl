%% The environment: set, read, unset, listed; odd names; process id and type.
-module(os_env).
-export([run/0]).
-include("diff.hrl").

run() ->
    [os:getenv("DIFF_E1"), os:putenv("DIFF_E1", "v1"), os:getenv("DIFF_E1"),
        os:putenv("DIFF_E1", "åä"), os:getenv("DIFF_E1"), os:getenv("DIFF_E1", "dflt"),
        os:unsetenv("DIFF_E1"), os:getenv("DIFF_E1", "dflt"), os:putenv("DIFF_E2", ""),
        os:getenv("DIFF_E2"), [E || "DIFF_E2" ++ _ = E <- os:getenv()], os:unsetenv("DIFF_E2"),
        ?TRY(os:putenv("A=B", "c")), ?TRY(os:putenv("", "c")), ?TRY(os:putenv("a\0", "c")),
        ?TRY(os:getenv(?ID(a))), ?TRY(os:putenv(?ID(1), "x")), os:type(), tuple_size(os:version()),
        is_list(os:getpid()), is_integer(list_to_integer(os:getpid())), os:system_time() > 0,
        os:perf_counter() =/= x, ?TRY(os:set_signal(?ID(bad), default)),
        os:set_signal(sigusr2, ignore), os:set_signal(sigusr2, default)].
