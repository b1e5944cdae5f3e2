%% Order of identifiers: references, funs, ports and pids stand where the language puts them.
-module(cmp_local).
-export([run/0]).
-include("diff.hrl").

run() ->
    P = self(), R = make_ref(), F = fun() -> P end, Q = spawn(fun() -> ok end),
    Vs = [1, a, R, F, P, {}, #{}, [], [x], <<>>],
    [[{A < B, A == B} || B <- Vs] || A <- Vs] ++ [P < Q, P =:= self(), R =:= R, % Which of two references is greater depends on the schedulers that made them.
        begin N = make_ref(), (N > R) =/= (N < R) end,
        make_ref() =:= make_ref(), P == Q, erlang:phash2(P) =:= erlang:phash2(self()), is_pid(P),
        is_reference(R), is_port(P)].
