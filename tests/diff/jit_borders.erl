%% Machine code and where it ends: each quick path of an operation beside the cases that it leaves to the
%% interpreter (overflow, other types, no room, the turn's last reduction), which must come back to it;
%% exceptions through compiled frames with their lines; tracing, reloading and purging compiled code.
%% diff: full
%% diff: flags --backend=jit --jit-threshold=0
-module(jit_borders).
-export([run/0, traced/1, deep/2]).
-include("diff.hrl").

-define(MAX, 16#07ffffffffffffff).

run() ->
    [arith(), shifts(), compared(), chosen(), built(2000), funs(), raised(), looped(), traced_calls(),
        reloaded(20)].

ints() -> [0, 1, -1, 2, -2, 7, -8, ?MAX, -?MAX - 1, ?MAX + 1, -?MAX - 2, 1 bsl 62, -(1 bsl 62), 1 bsl 64, 1.5].

arith() ->
    [erlang:phash2([?TRY(two(Op, A, B)) || A <- ints(), B <- ints()]) || Op <- ops()] ++
        [[?TRY(one(N, A)) || N <- lists:seq(1, 14)] || A <- ints() ++ [a]].

ops() -> ['+', '-', '*', 'div', 'rem', 'band', 'bor', 'bxor'].

two('+', A, B) -> A + B;
two('-', A, B) -> A - B;
two('*', A, B) -> A * B;
two('div', A, B) -> A div B;
two('rem', A, B) -> A rem B;
two('band', A, B) -> A band B;
two('bor', A, B) -> A bor B;
two('bxor', A, B) -> A bxor B.

one(1, A) -> A + 1;
one(2, A) -> A - 1;
one(3, A) -> A * 3;
one(4, A) -> A div 3;
one(5, A) -> A div -1;
one(6, A) -> A rem -1;
one(7, A) -> A rem 10;
one(8, A) -> A band 255;
one(9, A) -> A bor 1;
one(10, A) -> A bxor -1;
one(11, A) -> 5 - A;
one(12, A) -> A bsl 3;
one(13, A) -> A bsr 2;
one(14, A) -> -A.

shifts() ->
    [[?TRY({V bsl S, V bsr S}) || S <- [0, 1, 3, 58, 59, 60, 61, 63, 64, 70, -1, -3, -64, a]] || V <- [0, 1, -1, 5, ?MAX, -?MAX - 1]].

compared() ->
    Terms = [0, 1, -1, 1.0, ?MAX, ?MAX + 1, a, b, [], [1], [1.0], {}, {a}, {a, 1}, {a, 1.0}, <<>>, <<1>>, #{}, self() =:= self()],
    [{[relate(A, B) || B <- Terms], kind(A)} || A <- Terms].

relate(A, B) ->
    [if A =:= B -> 1; true -> 0 end, if A =/= B -> 1; true -> 0 end, if A == B -> 1; true -> 0 end,
        if A /= B -> 1; true -> 0 end, if A < B -> 1; true -> 0 end, if A >= B -> 1; true -> 0 end].

kind(A) when is_boolean(A) -> boolean;
kind(A) when is_atom(A) -> atom;
kind(A) when is_integer(A), A < 1 -> low;
kind(A) when is_integer(A) -> integer;
kind(A) when is_float(A) -> float;
kind([_ | T]) -> {list, T};
kind([]) -> nil;
kind({X, Y}) -> {pair, X, Y};
kind(A) when is_tuple(A) -> {tuple, tuple_size(A)};
kind(A) when is_binary(A) -> binary;
kind(A) when is_map(A) -> map.

chosen() ->
    [[choose(X) || X <- lists:seq(-1, 12)], [?TRY(far(X)) || X <- [-5, 3, 1000, 1 bsl 40, 1 bsl 59, a, 1.0, q, {}]],
        [sized(list_to_tuple(lists:seq(1, N))) || N <- lists:seq(0, 6)]].

choose(0) -> zero; choose(1) -> one; choose(2) -> two; choose(3) -> three; choose(4) -> four;
choose(5) -> five; choose(6) -> six; choose(7) -> seven; choose(9) -> nine; choose(10) -> ten;
choose(_) -> other.

far(-5) -> a; far(3) -> b; far(1000) -> c; far(1099511627776) -> d; far(576460752303423488) -> e;
far(a) -> f; far(b) -> g; far(c) -> h; far(d) -> i; far(e) -> j; far(f) -> k; far(g) -> l; far(q) -> m.

sized({}) -> 0; sized({A}) -> [A]; sized({A, B}) -> [A, B]; sized({A, _, C}) -> [C, A];
sized({_, _, _, D}) -> D; sized({_, _, _, _, E}) -> {E, E}; sized(T) -> element(tuple_size(T), T).

%% Collections in the middle of building.
built(N) -> erlang:phash2(build(N, [])).
build(0, L) -> L;
build(N, L) ->
    F = fun(X) -> {X, N, L =/= []} end,
    build(N - 1, [{N, float(N) / 3, F(N), [N | integer_to_list(N)]} | L]).

funs() ->
    A = 1, B = 2, C = 3, D = 4,
    Fs = [fun() -> 0 end, fun() -> A end, fun() -> A + B end, fun() -> A + B + C end,
        fun() -> [A, B, C, D] end, fun(X) -> X end, fun erlang:self/0, fun ?MODULE:deep/2, not_a_fun],
    [case ?TRY(F()) of P when is_pid(P) -> P =:= self(); V -> V end || F <- Fs].

raised() ->
    [where(fun() -> deep(3, V) end) || V <- [0, a, {}, -1]] ++ [(catch deep(2, V)) =:= ok || V <- [5, throw]].

where(F) ->
    try F()
    catch C:R:St -> {C, R, [{Fn, A, proplists:get_value(line, L)} || {?MODULE, Fn, A, L} <- St]}
    after put(after_ran, true)
    end.

deep(0, 0) -> 1 div id(0);
deep(0, throw) -> throw(ball);
deep(0, V) when is_atom(V) -> V + 1;
deep(0, {}) -> hd(id({}));
deep(N, V) when N > 0 ->
    R = deep(N - 1, V),
    {N, R}.
id(X) -> X.

looped() -> [count(100000, 0), self_send(1000, 0)].
count(0, Acc) -> Acc;
count(N, Acc) -> count(N - 1, Acc + N).
self_send(0, Acc) -> Acc;
self_send(N, Acc) ->
    self() ! {n, N},
    receive {n, M} -> self_send(N - 1, Acc + M) after 1000 -> late end.

traced(0) -> done;
traced(N) -> traced(N - 1).

traced_calls() ->
    Self = self(),
    erlang:trace_pattern({?MODULE, traced, 1}, [{'_', [], [{return_trace}]}], [local]),
    {P, M} = spawn_monitor(fun() -> receive go -> traced(3) end end),
    erlang:trace(P, true, [call, {tracer, Self}]),
    P ! go,
    receive {'DOWN', M, process, P, _} -> ok end,
    erlang:trace_pattern({?MODULE, traced, 1}, false, [local]),
    [traced(3) | calls(P)].
calls(P) ->
    Ref = erlang:trace_delivered(P),
    lists:reverse(calls(P, Ref, [])).
calls(P, Ref, Acc) ->
    receive
        {trace, P, call, {_, F, A}} -> calls(P, Ref, [{F, A} | Acc]);
        {trace, P, return_from, {_, F, A}, V} -> calls(P, Ref, [{F, A, V} | Acc]);
        {trace_delivered, P, Ref} -> Acc
    end.

%% New code of the same module again and again, with a process that waits in the old one.
reloaded(0) -> [];
reloaded(N) ->
    Forms = [{attribute, 1, module, jit_borders_made}, {attribute, 1, export, [{f, 0}, {wait, 1}]},
        {function, 1, f, 0, [{clause, 1, [], [], [{integer, 1, N}]}]},
        {function, 2, wait, 1, [{clause, 2, [{var, 2, 'P'}], [],
            [{op, 2, '!', {var, 2, 'P'}, {atom, 2, ready}}, {'receive', 2, [{clause, 2, [{atom, 2, stop}], [],
                [{op, 2, '!', {var, 2, 'P'}, {call, 2, {atom, 2, f}, []}}]}]}]}]}],
    {ok, M, Bin} = compile:forms(Forms),
    {module, M} = code:load_binary(M, "made", Bin),
    Self = self(),
    {P, Mon} = spawn_monitor(fun() -> M:wait(Self) end),
    receive ready -> true = code:delete(M) end,
    P ! stop,
    V = receive X -> X end,
    receive {'DOWN', Mon, process, P, normal} -> ok end,
    [{V, code:purge(M), ?TRY(M:f())} | reloaded(N - 1)].
