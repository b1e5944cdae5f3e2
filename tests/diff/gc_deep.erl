%% Collections of terms nested far deeper than any C stack, in every constructor.
-module(gc_deep).
-export([run/0]).
-include("diff.hrl").

run() ->
    N = 100000, Ts = [nest(N, fun(X) -> [X] end), nest(N, fun(X) -> {X, 1} end),
        nest(N, fun(X) -> #{k => X} end), nest(N, fun(X) -> fun() -> X end end),
        nest(N, fun(X) -> [a, {b, X} | c] end)],
    erlang:garbage_collect(), erlang:garbage_collect(),
    P = spawn(fun() -> receive {F, T} -> F ! {ok, depth(hd(T), 0)} end end), P ! {self(), Ts},
    D = receive {ok, X} -> X end, erlang:garbage_collect(),
    [D, depth(hd(Ts), 0), hd(Ts) =:= nest(N, fun(X) -> [X] end),
        lists_nth(2, Ts) == nest(N, fun(X) -> {X, 1} end), unfun(lists_nth(4, Ts), 0),
        unmap(lists_nth(3, Ts), 0)].
nest(0, _) -> [];
nest(N, F) -> wrap(N, F, []).
wrap(0, _, A) -> A;
wrap(N, F, A) -> wrap(N - 1, F, F(A)).
depth([X], N) -> depth(X, N + 1);
depth(_, N) -> N.
unfun(F, N) when is_function(F) -> unfun(F(), N + 1);
unfun(_, N) -> N.
unmap(#{k := X}, N) -> unmap(X, N + 1);
unmap(_, N) -> N.
lists_nth(1, [H | _]) -> H;
lists_nth(N, [_ | T]) -> lists_nth(N - 1, T).
