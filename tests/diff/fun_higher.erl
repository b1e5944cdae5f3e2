%% Funs passed through several calls, stored in terms, sent to processes and run there.
-module(fun_higher).
-export([run/0]).
-include("diff.hrl").

run() ->
    K = 7, F = fun(X) -> X * K end, Me = self(),
    P = spawn(fun() -> receive {G, V} -> Me ! {res, G(V)} end end), P ! {F, 6},
    R = receive {res, Z} -> Z after 1000 -> none end,
    M = #{f => F, g => fun(A, B) -> F(A) + B end},
    [R, (maps:get(f, M))(2), (map_get(g, M))(1, 2), church(5),
        y(fun(S) -> fun(0) -> done; (N) -> S(N - 1) end end, 50),
        fold(fun(A, B) -> A + B end, 0, diff_runner:seq(1, 100)),
        fold(fun erlang:max/2, 0, [3, 9, 4]), [G(1) || G <- [fun erlang:abs/1, fun erlang:'-'/1,
        F]], mutual(10), gen(3)].
church(N) -> C = nth(N), C(fun(X) -> X + 1 end, 0).
nth(0) -> fun(_, X) -> X end;
nth(N) -> P = nth(N - 1), fun(F, X) -> F(P(F, X)) end.
y(F, A) -> (F(fun(X) -> y(F, X) end))(A).
fold(_, A, []) -> A;
fold(F, A, [H | T]) -> fold(F, F(H, A), T).
mutual(N) ->
    E = fun Ev(0, _) -> true; Ev(X, O) -> O(X - 1, Ev) end, O = fun Od(0, _) -> false;
        Od(X, Q) -> Q(X - 1, Od) end, E(N, O).
gen(N) -> G = fun G0(I) -> fun() -> {I, G0(I + 1)} end end, take(N, G(0)).
take(0, _) -> [];
take(N, G) -> {V, G1} = G(), [V | take(N - 1, G1)].
