%% diff: full
%% Call tracing: local and global patterns, returns, return_to, exceptions, BIFs, tail calls, silence.
-module(trace_local).
-export([run/0, ext/1, loop/2, bif/1, tail/1, exc/1, deep/1, slave/0, twice/1, local_call/1]).
-include("diff.hrl").

ext(X) -> [loc(X)].
loc(X) -> {x, X}.
local_call(X) -> loc(X).
loop(0, A) -> A;
loop(N, A) -> loop(N - 1, A + N).
bif(L) -> N = length(L), lists:reverse(L, [N, atom_to_list(a), erlang:phash2(x)]).
tail(X) -> ?MODULE:ext(X).
exc(X) -> try inner(X) catch C:R -> {C, R} end.
inner(X) -> deep(X), ok.
deep(X) -> 1 / X.
twice(X) -> [loc(X), ?MODULE:ext(X)].

slave() ->
    receive
        {apply, From, M, F, A} -> From ! {result, catch apply(M, F, A)}, slave();
        {'fun', From, Fun} -> From ! {result, catch Fun()}, slave();
        stop -> ok
    end.

call(P, F, A) -> call(P, ?MODULE, F, A).
call(P, M, F, A) -> P ! {apply, self(), M, F, A}, receive {result, R} -> {strip(R), got(P)} end.
strip({'EXIT', {R, _}}) -> {'EXIT', R};
strip(R) -> R.
%% What was traced once the slave waits for its next call.
got(P) ->
    case process_info(P, status) of
        {status, waiting} ->
            Ref = erlang:trace_delivered(P), receive {trace_delivered, P, Ref} -> ok end, got_now();
        undefined -> got_now();
        _ -> erlang:yield(), got(P)
    end.
got_now() -> receive T when element(1, T) =:= trace; element(1, T) =:= trace_ts -> [norm(T) | got_now()]
    after 0 -> [] end.
norm(T) -> [if is_pid(X) -> pid; true -> X end || X <- tuple_to_list(T)].

with(P, Flags, Pats, Fun) ->
    N = [erlang:trace_pattern(M, S, O) || {M, S, O} <- Pats],
    erlang:trace(P, true, Flags),
    R = Fun(),
    I = erlang:trace_info(P, flags),
    erlang:trace(P, false, [all]),
    [erlang:trace_pattern(M, false, O) || {M, _, O} <- Pats],
    {N, R, I}.

run() ->
    P = spawn_link(?MODULE, slave, []),
    _ = call(P, ext, [0]),
    All = {?MODULE, '_', '_'},
    RT = [{'_', [], [{return_trace}]}],
    ET = [{'_', [], [{exception_trace}]}],
    A1 = with(P, [call], [{All, true, [local]}], fun() ->
        [call(P, ext, [1]), call(P, loop, [3, 0]), call(P, exc, [0]), call(P, tail, [2])] end),
    A2 = with(P, [call], [{All, true, [global]}], fun() ->
        [call(P, ext, [1]), call(P, twice, [7]), call(P, tail, [2]), call(P, local_call, [1])] end),
    A3 = with(P, [call, return_to], [{All, true, [local]}], fun() ->
        [call(P, ext, [1]), call(P, loop, [2, 0]), call(P, exc, [0]), call(P, exc, [1]), call(P, tail, [2]),
            call(P, deep, [0])] end),
    A4 = with(P, [call], [{All, RT, [local]}], fun() ->
        [call(P, ext, [1]), call(P, loop, [3, 0]), call(P, exc, [0]), call(P, tail, [2])] end),
    A5 = with(P, [call], [{All, ET, [local]}], fun() ->
        [call(P, ext, [1]), call(P, loop, [2, 0]), call(P, exc, [0]), call(P, deep, [0])] end),
    A6 = with(P, [call, return_to, arity], [{All, ET, [local]}], fun() ->
        [call(P, ext, [1]), call(P, exc, [0]), call(P, deep, [0]), call(P, loop, [2, 0])] end),
    Bifs = [{{lists, reverse, 2}, RT, [global]}, {{erlang, atom_to_list, 1}, RT, [local]},
        {{erlang, phash2, 1}, ET, []}, {{erlang, length, 1}, RT, [local]}],
    A7 = with(P, [call], Bifs, fun() ->
        [call(P, bif, [[1, 2]]), call(P, erlang, atom_to_list, [b]), call(P, erlang, atom_to_list, [1]),
            call(P, erlang, length, [[1]]), call(P, erlang, phash2, [y])] end),
    A8 = with(P, [call, return_to], [{{erlang, atom_to_list, 1}, RT, [local]}, {All, true, [local]}], fun() ->
        [call(P, bif, [[1, 2]]), call(P, erlang, atom_to_list, [1])] end),
    A9 = with(P, [call, silent], [{All, [{[0, '_'], [], [{silent, false}]}, {'_', [], [{return_trace}]}], [local]}],
        fun() -> [call(P, ext, [1]), call(P, loop, [2, 0]), call(P, ext, [1])] end),
    A10 = with(P, [call], [{{?MODULE, loc, 1}, [{'_', [], [{message, {caller}}]}], [local]},
        {{?MODULE, ext, 1}, [{['$1'], [{'>', '$1', 1}], [{message, {{'$1', {self}}}}]}, {['_'], [], [{message, false}]}],
            [local]}], fun() -> [call(P, ext, [1]), call(P, ext, [2]), call(P, twice, [2]), call(P, local_call, [3])] end),
    F = fun(X) -> X * 2 end,
    A11 = with(P, [call], [{All, RT, [local]}], fun() ->
        P ! {'fun', self(), fun() -> lists:map(F, [1, 2]) end}, receive {result, R} -> ok end, {R, length(got(P))} end),
    A12 = with(P, [call, return_to], [{{erlang, N, 1}, ET, [local]} || N <- [exit, error, throw]] ++ [{All, ET, [local]}], fun() ->
        [call(P, erlang, N, [done]) || N <- [exit, error, throw]] end),
    {N3, M3} = spawn_monitor(?MODULE, slave, []), N3 ! {apply, self(), ?MODULE, ext, [1]}, receive {result, _} -> ok end,
    erlang:trace(N3, true, [call]), erlang:trace_pattern(All, true, [local]),
    N3 ! {'fun', self(), fun() -> spawn(fun() -> ok end), ?MODULE:ext(2) end}, receive {result, _} -> ok end,
    exit(N3, kill), receive {'DOWN', M3, _, _, _} -> ok end, A13 = got_now(), erlang:trace_pattern(All, false, [local]),
    P ! stop,
    [A12, A13, A1, A2, A3, A4, A5, A6, A7, A8, A9, A10, A11].
