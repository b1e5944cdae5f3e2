%% Built-in functions with so much input that they pause, or move to a dirty thread: results, errors and
%% what the errors name are those of short input.
%% diff: full
-module(long_work).
-export([run/0]).
-include("diff.hrl").

run() ->
    [lists_(), tuples(), integers(), texts(), tables(), sending(), dictionary(), terms(), binaries()].

ints(N) -> lists:seq(1, N).
%% A digest in place of what would be printed.
sum(T) -> erlang:phash2(T).
%% The reason, and the arguments' digests in the first line of the trace.
failure(F) ->
    try F() of R -> {ok, sum(R)}
    catch C:R:S ->
        {M, N, A, _} = hd(S),
        {C, reason(R), M, N, if is_list(A) -> [sum(X) || X <- A]; true -> A end}
    end.
reason({T, X}) when is_list(X) -> {T, sum(X)};
reason(R) -> R.
improper(N) -> ints(N) ++ tail.
id(X) -> X.

lists_() ->
    L = ints(600000),
    S = ints(150000),
    [length(L), sum(L ++ S), sum(S -- lists:seq(1, 150000, 2)), sum(L -- [7, 9]),
     failure(fun() -> improper(150000) ++ [x] end), failure(fun() -> id(improper(600000)) -- [x] end),
     failure(fun() -> S -- improper(150000) end), failure(fun() -> length(id(improper(600000))) end),
     guard(L), guard(improper(600000)), sum(lists:sort(lists:reverse(S))),
     sum(lists:sort([{X rem 1000, X} || X <- S])), sum(lists:keysort(2, [{a, X rem 1000} || X <- S])),
     failure(fun() -> lists:keysort(2, [{a, X} || X <- S] ++ [{a}]) end)].
guard(L) when length(L) > 5 -> long;
guard(_) -> other.

tuples() ->
    T = list_to_tuple(ints(60000)),
    [sum(T), sum(setelement(77, T, x)), sum(erlang:append_element(T, x)), sum(erlang:delete_element(3, T)),
     sum(erlang:insert_element(60001, T, x)), sum(erlang:make_tuple(60000, y)),
     sum(erlang:make_tuple(60000, y, [{1, a}, {60000, b}])), sum(tuple_to_list(T)),
     failure(fun() -> list_to_tuple(improper(60000)) end), failure(fun() -> setelement(60001, T, x) end),
     failure(fun() -> erlang:make_tuple(60000, y, [{60001, a}]) end)].

integers() ->
    A = binary:decode_unsigned(binary:copy(<<"sEvEn">>, 10000)),
    B = binary:decode_unsigned(binary:copy(<<"four">>, 11000)),
    Text = integer_to_list(A),
    [sum(A * B), sum(A * B div A), sum((A * B + 17) rem B), sum(-A * B), big_guard(A, B), big_guard(A, A),
     length(Text), list_to_integer(Text) =:= A, binary_to_integer(integer_to_binary(A)) =:= A,
     list_to_integer(integer_to_list(A, 7), 7) =:= A, binary_to_integer(integer_to_binary(-A, 36), 36) =:= -A,
     failure(fun() -> list_to_integer(Text ++ "x") end), failure(fun() -> list_to_integer(Text, 8) end),
     failure(fun() -> binary_to_integer(list_to_binary(Text ++ "x")) end),
     (fun({I, R}) -> {I =:= A, R} end)(string:to_integer(Text ++ " rest")), many(A, B, 3, 4, 5, {6, 7})].
big_guard(A, B) when A * B > A, A * B rem B =:= 0, A div B > 0 -> yes;
big_guard(_, _) -> no.
%% Registers that live across an operation that starts over.
many(A, B, C, D, E, F) ->
    P = A * B,
    {sum(P), sum(A), sum(B), C, D, E, F}.

texts() ->
    L = lists:duplicate(60000, $a),
    U = lists:duplicate(60000, 16#20ac),
    [sum(unicode:characters_to_binary(L)), sum(unicode:characters_to_binary([L, [U | <<"x">>]])),
     sum(unicode:characters_to_list(unicode:characters_to_binary(U))), sum(unicode:characters_to_list([<<"a">>, U])),
     sum(unicode:characters_to_binary(U, unicode, utf16)), sum(unicode:characters_to_binary(L ++ [16#d800])),
     sum(unicode:characters_to_list(<<(unicode:characters_to_binary(U))/binary, 255>>)),
     failure(fun() -> unicode:characters_to_binary(L ++ [x]) end),
     (fun(Ms) -> {length(Ms), sum(Ms)} end)(binary:matches(binary:copy(<<"abcdefghij">>, 20000), [<<"j">>, <<"c">>])),
     sum(binary:split(binary:copy(<<"abcdefghij">>, 20000), <<"j">>, [global])),
     re:run(binary:copy(<<"ab">>, 600000), "(b)c|a$|b$", [unicode]),
     failure(fun() -> re:run(<<(binary:copy(<<"ab">>, 600000))/binary, 255>>, "c", [unicode]) end)].

tables() ->
    Big = [{I, "x"} || I <- ints(40000)],
    [begin
         T = ets:new(long_work_table, [Type, named_table]),
         true = ets:insert(T, [{I, I} || I <- ints(6000)]),
         true = ets:insert(T, {big, Big, b}),
         R = [sum(ets:lookup(T, big)), sum(ets:lookup_element(T, big, 2)), ets:insert_new(T, {big, Big}),
              sum(ets:take(T, big)), ets:member(T, big), sum(ets:lookup(T, big)),
              failure(fun() -> ets:lookup_element(T, big, 2) end),
              ets:info(T, size), ets:delete_all_objects(T), ets:info(T, size), ets:lookup(T, 5)],
         ets:delete(T),
         R
     end || Type <- [set, ordered_set, bag]].

%% One after the other, long or not; and to oneself.
sending() ->
    Big = [{I, "x"} || I <- ints(40000)],
    Self = self(),
    Echo = spawn(fun Loop() -> receive stop -> ok; M -> Self ! {echo, M}, Loop() end end),
    [Echo ! M || M <- [1, Big, 2, {Big}, 3]],
    Sent = [receive {echo, M} -> sum(M) end || _ <- ints(5)],
    erlang:send(Echo, Big, [nosuspend]),
    Echo ! 4,
    Sent2 = [receive {echo, M} -> sum(M) end || _ <- ints(2)],
    Self ! Big,
    Mine = receive X when is_list(X) -> sum(X) end,
    {P, R} = spawn_monitor(fun() -> exit(Big) end),
    Exit = receive {'DOWN', R, process, P, Why} -> sum(Why) end,
    process_flag(trap_exit, true),
    Q = spawn_link(erlang, apply, [fun(L) -> receive after infinity -> L end end, [Big]]),
    exit(Q, Big),
    Exit2 = receive {'EXIT', Q, Why2} -> sum(Why2) end,
    process_flag(trap_exit, false),
    Echo ! stop,
    [Sent, Sent2, Mine, Exit, Exit2, failure(fun() -> no_such_name ! Big end),
     failure(fun() -> exit(id(no_pid), Big) end)].

dictionary() ->
    {P, R} = spawn_monitor(fun() ->
        [put(I, {I}) || I <- ints(12000)],
        [self() ! {m, I} || I <- ints(12000)],
        {messages, Ms} = process_info(self(), messages),
        {dictionary, D} = process_info(self(), dictionary),
        [{message_queue_len, N}, {messages, Ms2}] = process_info(self(), [message_queue_len, messages]),
        exit({sum(lists:sort(get())), sum(lists:sort(get_keys())), get_keys({5}), sum(Ms), sum(lists:sort(D)), N,
              Ms =:= Ms2, length(erase()), get()})
    end),
    receive {'DOWN', R, process, P, Why} -> Why end.

terms() ->
    T = [{I, [I | "ab"], #{a => I}} || I <- ints(40000)],
    B = term_to_binary(T),
    persistent_term:put(long_work, T),
    R = [sum(B), sum(binary_to_term(B)), binary_to_term(term_to_binary(T, [compressed])) =:= T,
         erts_debug:flat_size([{A, L} || {A, L, _} <- T]), erlang:external_size(T), erlang:phash(T, 1000),
         sum(persistent_term:get(long_work)), iolist_to_binary(term_to_iovec(T)) =:= B,
         failure(fun() -> binary_to_term(binary:part(B, 0, byte_size(B) - 5)) end),
         failure(fun() -> binary_to_term(<<131, 80, 0, 255, 255, 255, (binary:copy(<<"x">>, 140000))/binary>>) end)],
    persistent_term:erase(long_work),
    R.
term_to_iovec(T) -> erlang:term_to_iovec(T).

binaries() ->
    B = binary:copy(<<"0123456789">>, 300000),
    X = <<1, B/binary, (byte_size(B)):32>>,
    {Y, Z} = {<<B/bits, 5:3>>, [a, b]},
    [sum(X), sum(Y), Z, byte_size(X), failure(fun() -> <<B/binary, (id(a))>> end), unicode:bin_is_7bit(X)].
