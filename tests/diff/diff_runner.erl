%% Runs differential test modules and prints what they do, so that the printed text of two
%% virtual machines can be compared byte for byte.
%%
%% Three entry points, each given a list of module names (as `erl -s diff_runner full a b c` does):
%%
%%   inline/1  run/0 in the calling process, printing with erlang:display/1 only: for a machine
%%             that cannot spawn yet.
%%   bare/1    run/0 in a fresh process, printing with erlang:display/1 only: needs the preloaded
%%             modules and nothing else.
%%   full/1    run/0 in a fresh process whose group leader collects everything it prints; values,
%%             exceptions with their formatted text, the mailbox left behind and the printed
%%             characters all come out through io.
%%
%% Process identifiers, references and ports have numbers that no two machines share. They are
%% replaced by '#Pid1', '#Ref1', '#Port1' in the order in which they are met in one module.
-module(diff_runner).
-export([inline/1, bare/1, full/1, main/1]).
-export([id/1, trace/1, message/3, norm/1, map/2, seq/2, each/2, sorted/1, flush/0, flush/1,
         collect/1, wait_down/1, in_process/1, limit_ms/0]).

%% A module that takes longer than this is reported as hung.
limit_ms() ->
    case os:getenv("DIFF_LIMIT_MS") of
        false -> 20000;
        S -> list_to_integer(S)
    end.

%%% ------------------------------------------------------------------- entry points

%% erl -run gives strings: the first names the mode.
main([Mode | Mods]) ->
    Atoms = map(fun list_to_atom/1, Mods),
    case Mode of
        "inline" -> inline(Atoms);
        "bare" -> bare(Atoms);
        "full" -> full(Atoms)
    end.

inline(Mods) ->
    each(fun(M) ->
                 erlang:display({'@@begin', M}),
                 observe(M, fun(_Kind, X) -> erlang:display(X) end),
                 erlang:display({'@@end', M})
         end, Mods),
    erlang:display('@@done'),
    erlang:halt(0).

bare(Mods) ->
    each(fun(M) ->
                 erlang:display({'@@begin', M}),
                 Print = fun(_Kind, X) -> erlang:display(X) end,
                 {Pid, Ref} = spawn_monitor(fun() -> observe(M, Print) end),
                 receive
                     {'DOWN', Ref, process, Pid, normal} -> ok;
                     {'DOWN', Ref, process, Pid, Why} -> erlang:display({'@exit', norm(Why)})
                 end,
                 erlang:display({'@@end', M})
         end, Mods),
    erlang:display('@@done'),
    erlang:halt(0).

full(Mods) ->
    Limit = limit_ms(),
    each(fun(M) -> full_one(M, Limit) end, Mods),
    io:put_chars("'@@done'\n"),
    erlang:halt(0).

full_one(M, Limit) ->
    put_line(['@@begin', M]),
    Self = self(),
    Leader = spawn_link(fun() -> leader(Self, []) end),
    {Pid, Ref} =
        spawn_monitor(
          fun() ->
                  group_leader(Leader, self()),
                  observe(M, fun show/2)
          end),
    receive
        {'DOWN', Ref, process, Pid, normal} -> ok;
        {'DOWN', Ref, process, Pid, Why} ->
            %% A machine whose formatting is broken still says why.
            try io:put_chars(ascii(io_lib:format("@exit ~tp~n", [norm(Why)])))
            catch _:_ -> erlang:display({'@exit', Why})
            end
    after Limit ->
            exit(Pid, kill),
            put_line(['@@timeout', M])
    end,
    Leader ! {finish, Self},
    receive {printed, Text} -> io:put_chars(ascii(Text)) end,
    put_line(['@@end', M]).

put_line([Tag, M]) ->
    io:put_chars(io_lib:format("{'~s',~s}\n", [Tag, M])).

%% Runs one module, handing each observation to Print.
observe(M, Print) ->
    try M:run() of
        List when is_list(List) -> observe_list(List, Print);
        Other -> Print(value, norm(Other))
    catch
        Class:Reason:Stack ->
            Print(exception, {Class, norm(Reason), norm(trace(Stack))}),
            Print(text, {Class, Reason, Stack})
    end,
    case flush() of
        [] -> ok;
        Left -> Print(value, {'@mailbox', norm(Left)})
    end.

observe_list([H | T], Print) ->
    Print(value, norm(H)),
    observe_list(T, Print);
observe_list([], _Print) ->
    ok;
observe_list(Tail, Print) ->
    Print(value, {'@tail', norm(Tail)}).

show(text, {Class, Reason, Stack}) ->
    show_chars([message(Class, Reason, Stack), $\n]);
show(_Kind, X) ->
    show_chars(io_lib:format("~tp~n", [X])).

show_chars(Chars) ->
    io:put_chars(ascii(Chars)).

%%% ------------------------------------------------------------------- output capture

%% A group leader: answers the I/O protocol, keeps what is printed.
leader(Owner, Acc) ->
    receive
        {io_request, From, As, Request} ->
            {Reply, Acc1} = request(Request, Acc),
            From ! {io_reply, As, Reply},
            leader(Owner, Acc1);
        {finish, Owner} ->
            Owner ! {printed, lists:reverse(Acc)},
            unlink(Owner)
    end.

request({put_chars, _Enc, Chars}, Acc) ->
    {ok, [unicode:characters_to_list(Chars) | Acc]};
request({put_chars, _Enc, M, F, A}, Acc) ->
    try apply(M, F, A) of
        Chars -> {ok, [unicode:characters_to_list(Chars) | Acc]}
    catch _:_ -> {{error, format}, Acc}
    end;
request({requests, List}, Acc) ->
    lists:foldl(fun(R, {_, A}) -> request(R, A) end, {ok, Acc}, List);
request(getopts, Acc) ->
    {[{binary, false}, {encoding, unicode}], Acc};
request({setopts, _}, Acc) ->
    {ok, Acc};
request({get_geometry, _}, Acc) ->
    {{error, enotsup}, Acc};
request(_Input, Acc) ->
    {eof, Acc}.

%% Whatever the terminal's encoding, the text that comes out is ASCII.
ascii(Chars) ->
    ascii1(nameless(unicode:characters_to_list(Chars))).

%% Identifiers that some formatter has already turned into text: <0.80.0>, #Ref<0.1.2.3>,
%% #Port<0.4> lose their numbers.
nameless("<0." ++ T) ->
    case digits_and_dots(T) of
        ">" ++ Rest -> "<0>" ++ nameless(Rest);
        _ -> "<0." ++ nameless(T)
    end;
nameless([C | T]) -> [C | nameless(T)];
nameless([]) -> [];
nameless(Bad) -> Bad.

digits_and_dots([C | T]) when C >= $0, C =< $9; C =:= $. -> digits_and_dots(T);
digits_and_dots(T) -> T.

ascii1([C | Cs]) when C =:= $\n; C >= 32, C < 127 -> [C | ascii1(Cs)];
ascii1([C | Cs]) -> ["\\x{", integer_to_list(C, 16), "}" | ascii1(Cs)];
ascii1([]) -> [];
ascii1({error, Good, Rest}) -> [ascii1(Good), "@bad", io_lib:format("~w", [Rest])];
ascii1({incomplete, Good, Rest}) -> [ascii1(Good), "@cut", io_lib:format("~w", [Rest])].

%%% ------------------------------------------------------------------- helpers for test modules

id(X) -> X.

%% Cuts the stack trace where the runner begins.
trace([{?MODULE, _, _, _} | _]) -> [];
trace([Frame | Rest]) -> [Frame | trace(Rest)];
trace([]) -> [].

%% The text of an exception, as the shell and the crash reports would print it.
message(Class, Reason, Stack) ->
    Text = erl_error:format_exception(Class, Reason, trace(Stack)),
    nameless(unicode:characters_to_list(Text)).

%% Minimal list functions, so that a bare machine need not load lists.
map(F, [H | T]) -> X = F(H), [X | map(F, T)];
map(_, []) -> [].

each(F, [H | T]) -> F(H), each(F, T);
each(_, []) -> ok.

seq(A, B) when A =< B -> [A | seq(A + 1, B)];
seq(_, _) -> [].

%% Insertion sort: for short lists whose order is not the point of the test.
sorted(L) -> sorted(L, []).
sorted([H | T], Acc) -> sorted(T, insert(H, Acc));
sorted([], Acc) -> Acc.
insert(X, [H | T]) when H < X -> [H | insert(X, T)];
insert(X, L) -> [X | L].

%% Everything that is in the mailbox now, in order.
flush() ->
    receive M -> [M | flush()] after 0 -> [] end.

%% Everything that arrives until there was silence for so long.
flush(Ms) ->
    receive M -> [M | flush(Ms)] after Ms -> [] end.

%% The next N messages, in order of arrival.
collect(0) -> [];
collect(N) ->
    receive M -> [M | collect(N - 1)] after 5000 -> [{'@missing', N}] end.

%% Waits for a monitored process to end and returns the reason.
wait_down({Pid, Ref}) ->
    receive {'DOWN', Ref, process, Pid, Why} -> Why after 5000 -> '@no_down' end.

%% The value or exit reason of a fun that is run in a process of its own.
in_process(F) ->
    {Pid, Ref} = spawn_monitor(fun() -> exit({'@value', F()}) end),
    case wait_down({Pid, Ref}) of
        {'@value', V} -> {value, V};
        Why -> {exit, Why}
    end.

%% Replaces identifiers by their order of appearance.
norm(X) when is_pid(X) -> name(X, '@pids', "#Pid");
norm(X) when is_reference(X) -> name(X, '@refs', "#Ref");
norm(X) when is_port(X) -> name(X, '@ports', "#Port");
norm([H | T]) ->
    N = norm(H),
    [N | norm(T)];
norm(X) when is_tuple(X) ->
    list_to_tuple(norm(tuple_to_list(X)));
norm(X) when is_map(X) ->
    %% Only maps that hold such identifiers are rebuilt: the order of the others is under test.
    L = [{K, map_get(K, X)} || K <- maps:keys(X)],
    case norm(L) of
        L -> X;
        N -> maps:from_list(N)
    end;
norm(X) -> X.

name(X, Table, Prefix) ->
    Known = case get(Table) of undefined -> []; K -> K end,
    case find(X, Known) of
        none ->
            N = length(Known) + 1,
            put(Table, [{X, N} | Known]),
            numbered(Prefix, N);
        N -> numbered(Prefix, N)
    end.

find(X, [{X, N} | _]) -> N;
find(X, [_ | T]) -> find(X, T);
find(_, []) -> none.

numbered(Prefix, N) -> list_to_atom(Prefix ++ integer_to_list(N)).
