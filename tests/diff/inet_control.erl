%% diff: full
%% Requests to the network drivers that prim_inet would not make: on sockets in the wrong state, too short,
%% unknown.
-module(inet_control).
-export([run/0]).
-include("diff.hrl").
-define(BASE, 16#03f1a300).

control(P, Code, Data) ->
    try port_control(P, ?BASE + Code, Data) of
        [0 | Name] -> {error, Name};
        [1 | Reply] when Code =:= 4; Code =:= 5; Code =:= 6; Code =:= 10; Code =:= 12; Code =:= 14;
                         Code =:= 21; Code =:= 25; Code =:= 29 -> {ok, Reply =/= []};
        [1 | Reply] -> {ok, Reply};
        Other -> Other
    catch C:R -> {C, R}
    end.

%% 13 closes what number it is given only in its good form; 11 and 24 answer an empty request.
codes() -> lists:seq(0, 10) ++ [12 | lists:seq(14, 23)] ++ lists:seq(25, 46) ++ [62, 64, 99, 1000].

open(none) -> open_port({spawn_driver, "tcp_inet"}, [binary]);
open(tcp) -> P = open(none), [1] = port_control(P, ?BASE + 1, [1, 1]), P;
open(udp) -> P = open_port({spawn_driver, "udp_inet"}, [binary]), [1] = port_control(P, ?BASE + 1, [1, 2]), P;
open(closed) -> P = open(tcp), [1] = port_control(P, ?BASE + 2, []), P.

each(State, Data) ->
    [begin
         P = open(State),
         R = control(P, Code, Data),
         port_close(P),
         {State, Code, Data, R}
     end || Code <- codes(), not skipped(Code, Data)].

%% Reading past the end of what was sent is nothing to compare.
skipped(Code, _) when Code =:= 28; Code =:= 45; Code =:= 22; Code =:= 23 -> true;
skipped(_, _) -> false.

sends() ->
    [begin
         P = open(State),
         R = try port_command(P, Data) of
                 true -> receive {inet_reply, P, X} -> X after 1000 -> none end
             catch C:E -> {C, E}
             end,
         port_close(P),
         {State, Data, R}
     end || {State, Data} <- [{none, "x"}, {tcp, "x"}, {tcp, ""}, {closed, "x"}, {udp, ""}, {udp, [9, 9, 9]},
                              {udp, [1, 0, 9, 127, 0]}, {udp, [1, 0, 9, 127, 0, 0, 1, 0, 0, 0, 9, 1, 2]},
                              {udp, [1, 0, 9, 127, 0, 0, 1, 0, 0, 0, 5, 99, 0, 0, 0, 0]}]].

order() ->
    P = open(tcp),
    R = [control(P, 1, [1, 1]), control(P, 1, [9, 1]), control(P, 1, [1, 9]), control(P, 3, [0, 0, 0, 1, 9, 1, 2]),
         control(P, 26, [0, 0, 0, 0]), control(P, 6, [1, 0, 0, 127, 0, 0, 1]), control(P, 27, [0, 5]),
         control(P, 26, [0, 0, 0]), control(P, 6, [1, 0, 0, 127, 0, 0, 1]), control(P, 42, [0, 0, 0, 0, 0, 0, 0, 0]),
         control(P, 43, "abc"), control(P, 44, [0]), control(P, 7, [24, 0, 0, 0]), control(P, 7, [200, 0, 0, 0, 0]),
         control(P, 8, [24]), control(P, 8, [200]), control(P, 8, [34, 0]), control(P, 2, []), control(P, 2, []),
         control(P, 16, [])],
    port_close(P),
    R.

run() ->
    process_flag(trap_exit, true),
    R = [each(S, D) || S <- [none, tcp, udp, closed], D <- ["", [1], [0, 0, 0]]] ++ [sends(), order()],
    diff_runner:flush(20),
    R.
