%% Calls built-in functions with arguments of every kind, most of them wrong, and returns a line of
%% text for each: what came back, or the exception as the shell would print it.
%%
%%   all(Module, Without)       every BIF of the module but those named in Without (F or {F, Arity}):
%%                              one argument and most pairs in all combinations, more of them one wrong
%%                              among plausible ones
%%   around(Module, Calls)      Calls are {F, Args} that succeed: each argument in turn becomes each
%%                              wrong value. An argument that is a fun of arity 0 is made anew for
%%                              each call (tables, patterns, timers).
%%
%% Hidden names functions whose values no two runs share: only that they returned is told.
%% Each call runs in a process of its own, which has five seconds.
-module(sweep_helper).
-export([all/2, all/3, calls/3, around/2, around/3]).

pool() ->
    [{"a", a}, {"undefined", undefined}, {"-1", -1}, {"0", 0}, {"2", 2}, {"BIG", 1 bsl 80}, {"1.5", 1.5},
     {"bin", <<"abc">>}, {"bits", <<5:3>>}, {"{}", {}}, {"{a,1}", {a, 1}}, {"[]", []}, {"[a]", [a]},
     {"[1|2]", [1 | 2]}, {"str", "abc"}, {"#{}", #{}}, {"#{a}", #{a => 1}}, {"fun0", fun() -> x end},
     {"fun1", fun(_) -> x end}, {"pid", fun erlang:self/0}, {"ref", fun erlang:make_ref/0}].

%% Fewer values where there are many arguments.
short_pool() ->
    [P || {N, _} = P <- pool(), lists:member(N, ["a", "-1", "2", "BIG", "bin", "bits", "{a,1}", "[]", "[1|2]", "str"])].

all(M, Without) -> all(M, Without, []).
all(M, Without, Hidden) ->
    Fs = lists:sort([FA || {F, A} = FA <- M:module_info(exports), erlang:is_builtin(M, F, A),
                           not lists:member(F, Without), not lists:member(FA, Without)]),
    calls(M, Fs, Hidden).

%% The same for named functions of a module.
calls(M, Fs, Hidden) ->
    [line(M, F, Args, Hidden) || {F, A} <- Fs, Args <- combinations(A)].

combinations(0) -> [[]];
combinations(1) -> [[P] || P <- pool()];
combinations(2) ->
    Few = [P || {N, _} = P <- pool(), lists:member(N, ["a", "2", "bin", "{a,1}", "[]", "[1|2]"])],
    lists:usort([[P, Q] || P <- pool(), Q <- Few] ++ [[P, Q] || P <- Few, Q <- pool()]);
combinations(N) ->
    Sets = [[lists:nth((I * 7 + J * 3) rem 21 + 1, pool()) || J <- lists:seq(1, N)] || I <- lists:seq(1, 6)],
    lists:usort([replace(K, V, Set) || Set <- Sets, K <- lists:seq(1, N), V <- short_pool()]).

around(M, Calls) -> around(M, Calls, []).
around(M, Calls, Hidden) ->
    lists:append(
      [begin
           Base = [{"_", A} || A <- Args],
           [line(M, F, Base, Hidden) |
            [line(M, F, replace(K, V, Base), Hidden) || K <- lists:seq(1, length(Args)), V <- pool()]]
       end || {F, Args} <- Calls]).

replace(1, V, [_ | T]) -> [V | T];
replace(K, V, [H | T]) -> [H | replace(K - 1, V, T)].

line(M, F, Named, Hidden) ->
    Self = self(),
    Tag = make_ref(),
    {Pid, Ref} = spawn_monitor(fun() ->
                                       %% An exit signal to itself may come before the line is sent.
                                       process_flag(trap_exit, true),
                                       Args = [value(V) || {_, V} <- Named],
                                       Self ! {Tag, call(M, F, Args)}
                               end),
    Text = lists:flatten(receive
               {Tag, T} -> receive {'DOWN', Ref, _, _, _} -> ok end, T;
               {'DOWN', Ref, _, _, Why} ->
                   receive {Tag, T} -> T
                   after 0 -> io_lib:format("exit signal ~tp", [diff_runner:norm(Why)]) end
           after 5000 ->
                   exit(Pid, kill),
                   receive {'DOWN', Ref, _, _, _} -> ok end,
                   "no return"
           end),
    Shown = case lists:member(F, Hidden) of
                true when hd(Text) =:= $= -> "= _";
                _ -> Text
            end,
    lists:flatten([atom_to_list(F), "(", lists:join(",", [N || {N, _} <- Named]), ") ", Shown]).

value(F) when is_function(F, 0) -> case erlang:fun_info(F, type) of
                                       {type, external} -> F();
                                       _ -> case F() of x -> F; V -> V end
                                   end;
value(V) -> V.

call(M, F, Args) ->
    try apply(M, F, Args) of
        V -> ["= ", io_lib:format("~tp", [diff_runner:norm(shape(V))])]
    catch
        C:R:S ->
            Text = diff_runner:message(C, R, [cut(Fr) || Fr <- lists:sublist(S, 1)]),
            %% Which arguments the text blames, not how it prints them.
            [atom_to_list(C), " ", io_lib:format("~tp", [diff_runner:norm(shape(R))]), " ",
             lists:join("; ", [string:trim(L) || L <- string:split(Text, "\n", all), blames(L)])]
    end.

blames(L) -> string:find(L, "***") =/= nomatch orelse string:find(L, "argument") =/= nomatch.

cut({M, F, As, Info}) when is_list(As) -> {M, F, As, Info};
cut(Frame) -> Frame.

%% Functions print by module and number: their kind is enough.
shape(F) when is_function(F) -> 'fun';
shape(T) when is_tuple(T) -> list_to_tuple([shape(E) || E <- tuple_to_list(T)]);
shape([H | T]) -> [shape(H) | shape(T)];
shape(M) when is_map(M) -> maps:map(fun(_, V) -> shape(V) end, M);
shape(X) -> X.
