%% Calls probe_nif.c and prints. Run as probe_nif:main([LibraryWithoutSo]).
-module(probe_nif).
-export([main/1, load/2]).
-export([priv_number/0, classify/1, numbers/1, atoms/1, strings/1, binaries/1, vectors/1, maps/2,
         from_arrays/2, comparing/2, external/1, raise_it/1, bad/1, formatted/1, countdown/2,
         thread_type/0, thread_type_cpu/0, thread_type_io/0, dirty_build/1, new_thing/1,
         thing_number/1, thing_binary/1, watch/2, unwatch/1, open_pipe/1, write_pipe/1, read_pipe/1,
         select_pipe/4, select_custom/2, from_thread/1, send_to/2, whereis_name/1, times/0, locks/0]).

-define(STUB, erlang:nif_error(not_loaded)).
priv_number() -> ?STUB.
classify(_) -> ?STUB.
numbers(_) -> ?STUB.
atoms(_) -> ?STUB.
strings(_) -> ?STUB.
binaries(_) -> ?STUB.
vectors(_) -> ?STUB.
maps(_, _) -> ?STUB.
from_arrays(_, _) -> ?STUB.
comparing(_, _) -> ?STUB.
external(_) -> ?STUB.
raise_it(_) -> ?STUB.
bad(_) -> ?STUB.
formatted(_) -> ?STUB.
countdown(_, _) -> ?STUB.
thread_type() -> ?STUB.
thread_type_cpu() -> ?STUB.
thread_type_io() -> ?STUB.
dirty_build(_) -> ?STUB.
new_thing(_) -> ?STUB.
thing_number(_) -> ?STUB.
thing_binary(_) -> ?STUB.
watch(_, _) -> ?STUB.
unwatch(_) -> ?STUB.
open_pipe(_) -> ?STUB.
write_pipe(_) -> ?STUB.
read_pipe(_) -> ?STUB.
select_pipe(_, _, _, _) -> ?STUB.
select_custom(_, _) -> ?STUB.
from_thread(_) -> ?STUB.
send_to(_, _) -> ?STUB.
whereis_name(_) -> ?STUB.
times() -> ?STUB.
locks() -> ?STUB.

load(Lib, N) -> erlang:load_nif(Lib, N).

show(What, Value) -> io:format("~s: ~p~n", [What, Value]).
caught(F) ->
    try F() catch C:R:S -> {C, R, [{M, Fn, if is_list(A) -> A; true -> A end} || {M, Fn, A, _} <- [hd(S)]]} end.

got() -> got(2000).
got(Ms) -> receive M -> M after Ms -> nothing end.

main([Lib]) ->
    show("before", caught(fun() -> priv_number() end)),
    show("no library", element(1, element(2, load("/nonexistent/library", 0)))),
    show("bad name", caught(fun() -> load(foo, bar) end) =:= ok),
    show("refused", load(Lib, not_a_number)),
    show("load", load(Lib, 42)),
    show("again", load(Lib, 42)),
    show("priv", priv_number()),
    Terms = [a, 1, -1, 1 bsl 62, -(1 bsl 63), 1 bsl 63, 1 bsl 64, 1.5, <<>>, <<"abc">>, <<1:3>>, [], [1], "abc",
             {}, {1, 2}, #{}, #{a => 1}, self(), fun() -> ok end, fun lists:map/2],
    [show("classify", classify(T)) || T <- Terms],
    show("classify ref", classify(erlang:make_ref())),
    [show("numbers", {N, numbers(N)}) || N <- [0, -1, 1 bsl 31, -(1 bsl 31), 1 bsl 32, 1 bsl 59, 1 bsl 60, 1 bsl 61,
                                              1 bsl 63, 1 bsl 64, -(1 bsl 63), -(1 bsl 63) - 1, 2.5, a]],
    [show("atoms", atoms(A)) || A <- [abc, '', 'hå', 'ж', 12]],
    [show("strings", strings(S)) || S <- ["", "abc", "1234567", "12345678", [256], [1 | 2], a]],
    Big = binary:copy(<<"0123456789">>, 20),
    <<_:3, Odd:20/binary, _/bitstring>> = Big,
    [show("binaries", caught(fun() -> binaries(B) end)) || B <- [<<>>, <<"abc">>, Big, Odd, ["a", [98 | <<"c">>]], foo, <<1:4>>]],
    [show("vectors", caught(fun() -> vectors(V) end)) || V <- [[<<"ab">>], [<<"ab">>, Big, <<"c">>, <<"d">>, Odd], [Odd, <<>>, Big], [a], [<<"a">> | b]]],
    Large = maps:from_list([{I, I * I} || I <- lists:seq(1, 40)]),
    [show("maps", maps(M, K)) || M <- [#{}, #{a => 1, b => 2}, maps:from_list([{I, I} || I <- lists:seq(1, 32)]), Large],
                                 K <- [0, 1, 33]],
    [show("from_arrays", from_arrays(N, D)) || {N, D} <- [{0, false}, {5, false}, {5, true}, {50, false}]],
    [show("comparing", comparing(A, B)) || {A, B} <- [{1, 1.0}, {1, 1}, {a, b}, {"x", <<"x">>}, {{1}, {2}}, {#{a => 1}, #{a => 2}}, {1 bsl 70, 1 bsl 70}]],
    [show("external", external(T)) || T <- [a, {1, "two", <<"three">>}, Large, 1.5]],
    show("raise", caught(fun() -> raise_it({any, [term]}) end)),
    show("bad", caught(fun() -> bad(x) end)),
    [show("formatted", formatted(T)) || T <- [a, 'A b', "text", {1, [2], <<"x">>}, #{k => v}]],
    show("threads", {thread_type(), thread_type_cpu(), thread_type_io()}),
    show("countdown", countdown(30, 0)),
    {Type, List} = dirty_build({some, "term"}),
    show("dirty", {Type, length_of(List, 0), erlang:hd(List)}),
    resources(),
    erlang:garbage_collect(), show("collected", got()),
    select(),
    show("from_thread", from_thread({a, [b], <<"c">>, Large})), show("message", got()),
    show("send", send_to(self(), {self, "message"})), show("message", got()),
    Dead = spawn(fun() -> ok end), timer:sleep(50),
    show("send to dead", send_to(Dead, hi)),
    erlang:register(probe_name, self()),
    show("whereis", {whereis_name(probe_name) =:= {self(), true}, whereis_name(nobody_has_this)}),
    show("times", times()),
    show("locks", locks()),
    halt(0).

length_of([_ | T], N) -> length_of(T, N + 1);
length_of(_, N) -> N.

resources() ->
    R = new_thing(1),
    show("resource", {is_reference(R), thing_number(R), thing_binary(R)}),
    show("not one", element(2, caught(fun() -> thing_number(make_ref()) end))),
    P = spawn(fun() -> receive stop -> ok end end),
    show("watch", watch(R, P)), show("unwatch", unwatch(R)), show("unwatch again", unwatch(R)),
    show("watch", watch(R, P)),
    P ! stop,
    show("down", got()),
    show("watch dead", watch(R, P)),
    Me = self(),
    spawn(fun() -> X = new_thing(2), Me ! {made, thing_number(X)}, show("own", got()) end),
    show("made", got()),
    Holder = spawn(fun() -> receive {keep, T} -> receive stop -> Me ! {had, thing_number(T)} end end end),
    Holder ! {keep, new_thing(3)},
    erlang:garbage_collect(),
    Holder ! stop,
    show("had", got()), show("gone", got()),
    show("alive", thing_number(R)).

select() ->
    R = new_thing(9),
    show("pipe", open_pipe(R)),
    Ref = make_ref(),
    show("select", select_pipe(R, 0, 1, Ref)),
    show("silence", got(50)),
    show("write", write_pipe(R)),
    receive {select, R, Ref, What} -> show("ready", What) after 2000 -> show("ready", timeout) end,
    show("one shot", got(50)),
    show("read", read_pipe(R)),
    show("select", select_pipe(R, 0, 1, undefined)),
    show("cancel", select_pipe(R, 0, 9, undefined)),
    show("cancel again", select_pipe(R, 0, 9, undefined)),
    show("custom", select_custom(R, {custom, "message"})),
    show("write", write_pipe(R)),
    show("custom message", got()),
    show("select write", select_pipe(R, 1, 2, Ref)),
    receive {select, R, Ref, What2} -> show("ready", What2) after 2000 -> show("ready", timeout) end,
    show("stop", select_pipe(R, 0, 4, undefined) band 3 =/= 0), show("stopped", element(2, got())),
    show("stop", select_pipe(R, 1, 4, undefined) band 3 =/= 0), show("stopped", element(2, got())).
