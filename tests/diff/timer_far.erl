%% The latest time of a timer is the end of Erlang monotonic time.
-module(timer_far).
-export([run/0]).
-include("diff.hrl").

run() ->
    End = erlang:convert_time_unit(erlang:system_info(end_time), native, millisecond),
    Left = End - erlang:monotonic_time(millisecond),
    [{End, Left > 1 bsl 43, Left < 1 bsl 50},
     [set(T, [{abs, true}]) || T <- [-1000000, 0, End - 1, End, End + 1, 1 bsl 59, 1 bsl 70, -(1 bsl 70)]],
     [set(T, []) || T <- [-1, 1 bsl 43, Left - 60000, Left + 1000, 1 bsl 50, 1 bsl 53, 1 bsl 63]]].

set(T, Options) ->
    [case ?TRY(Start(T)) of
         {ok, Ref} -> is_integer(erlang:cancel_timer(Ref));
         Error -> Error
     end || Start <- [fun(X) -> erlang:send_after(X, no_such_name_t, x, Options) end,
                      fun(X) -> erlang:start_timer(X, no_such_name_t, x, Options) end]].
