%% Pids, references and ports as text and back; what is refused.
-module(sys_text).
-export([run/0]).
-include("diff.hrl").

run() ->
    P = self(), R = make_ref(), [list_to_pid(pid_to_list(P)) =:= P,
        list_to_ref(ref_to_list(R)) =:= R, hd(pid_to_list(P)), hd(ref_to_list(R)),
        is_pid(list_to_pid("<0.0.0>"))] ++ [?TRY(list_to_pid(?ID(S)))
        || S <- ["", "<>", "<0.1>", "0.1.0", "<0.a.0>", "<0.1.0", "<0.1.0>x", a, "<9.1.0>",
        "<-1.0.0>"]] ++ [?TRY(list_to_ref(?ID(S))) || S <- ["", "#Ref<>", "Ref<0.0.0.0>",
        "#Ref<0.1.2", a, "#Ref<0.1.2.3>x"]] ++ [?TRY(list_to_port(?ID(S)))
        || S <- ["", "#Port<>", "#Port<0.x>", a, "Port<0.1>"]]
        ++ [?TRY(pid_to_list(?ID(a))), ?TRY(ref_to_list(?ID(a))), ?TRY(erlang:port_to_list(?ID(a))),
        ?TRY(erlang:fun_to_list(?ID(a)))].
