%% spawn in every form; what a new process starts with; bad arguments.
-module(proc_spawn).
-export([run/0]).
-include("diff.hrl").

-export([child/1, child/2]).
child(P) -> P ! {self(), args, 1}.
child(P, X) -> P ! {self(), X}.
run() ->
    Me = self(), Get = fun(P) -> receive T when element(1, T) =:= P -> setelement(1, T,
        pid) after 2000 -> none end end,
    [Get(spawn(fun() -> child(Me) end)), Get(spawn(?MODULE, child, [Me, q])),
        Get(spawn_link(fun() -> child(Me, linked) end)),
        Get(element(1, spawn_monitor(fun() -> child(Me, monitored) end))),
        Get(spawn_link(?MODULE, child, [Me])), Get(element(1, spawn_monitor(?MODULE, child, [Me]))),
        Get(spawn(node(), fun() -> child(Me, onnode) end)),
        Get(spawn(node(), ?MODULE, child, [Me])), Get(spawn_opt(fun() -> child(Me, opt) end, [])),
        Get(spawn_opt(?MODULE, child, [Me, opt3], [link])), 
     receive {'DOWN', _, process, _, W} -> W end, receive {'DOWN', _, process, _, W2} -> W2 end]
     ++ [?TRY(F()) || F <- [fun() -> spawn(?ID(fun(_) -> ok end)) end,
         fun() -> spawn(?ID(1), f, []) end, fun() -> spawn(m, ?ID("f"), []) end,
         fun() -> spawn(m, f, ?ID(a)) end, fun() -> spawn(m, f, ?ID([a | b])) end,
         fun() -> spawn_link(?ID(x)) end, fun() -> spawn_monitor(?ID(x)) end,
         fun() -> spawn_opt(fun() -> ok end, ?ID(a)) end,
         fun() -> spawn_opt(fun() -> ok end, ?ID([link | a])) end,
         fun() -> spawn_opt(fun() -> ok end, ?ID([{priority, huge}])) end,
         fun() -> spawn_opt(m, f, [], ?ID([{min_heap_size, -1}])) end,
         fun() -> spawn_opt(m, f, [], ?ID([{max_heap_size, a}])) end,
         fun() -> spawn_opt(m, f, [], ?ID([{monitor, 1}])) end]].
