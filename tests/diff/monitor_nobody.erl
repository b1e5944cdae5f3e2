%% Monitors of what was never there: names without a port or process, identifiers of an earlier life of the
%% node; and references that are no monitor's.
%% diff: full
-module(monitor_nobody).
-export([run/0]).
-include("diff.hrl").

run() ->
    Options = [[], [{alias, explicit_unalias}], [{tag, tagged}], [{alias, reply_demonitor}, {tag, {t}}]],
    [{T, I, O, down(T, I, O)} || {T, I} <- items(), O <- Options]
    ++ [?TRY(erlang:demonitor(R, O)) || R <- [far_ref(), make_ref()], O <- [[], [info], [flush, info]]]
    ++ [?TRY(erlang:demonitor(far_ref())), ?MSG(erlang:demonitor(17)), ?MSG(erlang:demonitor(17, [info]))].

items() ->
    [{process, nobody}, {port, nobody}, {process, {nobody, node()}}, {port, {nobody, node()}},
     {process, old(88, "nonode@nohost", <<17:32, 0:32>>)}, {port, old(89, "nonode@nohost", <<17:32>>)},
     {port, old(89, "far@nohow", <<17:32>>)}, {port, init}, {process, init}, {port, self()}, {port, {a, far@nohow}}].

down(T, I, O) ->
    ?TRY(begin
             R = monitor(T, I, O),
             receive M when element(2, M) =:= R -> setelement(2, M, ref) after 20 -> demonitor(R), none end
         end).

old(Tag, Node, Rest) -> binary_to_term(<<131, Tag, 100, (length(Node)):16, (list_to_binary(Node))/binary, Rest/binary, 77:32>>).
far_ref() -> binary_to_term(<<131, 90, 3:16, 100, 9:16, "far@nohow", 5:32, 1:32, 2:32, 3:32>>).
