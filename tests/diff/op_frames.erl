%% Frames with many slots, trimmed as values die; values live across calls, collections and receives.
-module(op_frames).
-export([run/0]).
-include("diff.hrl").

run() -> [f(1), g(2), h([1, 2, 3]), k(10), nested(3), early(1), early(2), early(3), early(x)].
f(X) ->
    A = ?ID(X + 1), B = ?ID(A + 1), C = ?ID(B + 1), D = ?ID(C + 1), E = ?ID(D + 1), F = ?ID(E + 1),
    G = ?ID(F + 1), H = ?ID(G + 1), I = ?ID(H + 1), J = ?ID(I + 1), erlang:garbage_collect(),
    S = A + B + C + D + E + F + G + H + I + J, ?ID(ok), T = {A, J, S}, ?ID(ok), {T, B, I}.
g(X) ->
    A = ?ID([X]), B = ?ID({A}), _ = ?ID(B), C = ?ID(#{a => A}), erlang:garbage_collect(),
    D = maps:get(a, C), erlang:garbage_collect(), E = ?ID(<<X, 1>>), erlang:garbage_collect(),
    {A, B, D, E}.
h([H | T]) -> A = ?ID(H), R = h(T), [A * 2 | R];
h([]) -> [].
k(N) -> X = ?ID(N), self() ! {X, go}, Y = receive {X, M} -> {M, X} end, Z = ?ID(Y), {X, Y, Z}.
nested(N) ->
    A = ?ID(N), B = case A of 3 -> C = ?ID(c), try D = ?ID(d), {C, D, ?ID(A)} catch _:_ -> no end;
        _ -> ?ID(other) end, E = if B =:= no -> ?ID(1); true -> F = ?ID(2), F + A end, {A, B, E}.
early(1) -> A = ?ID(a), A;
early(2) -> A = ?ID(a), B = ?ID(b), {A, B};
early(X) -> A = ?ID(X), case A of 3 -> B = ?ID(b), C = ?ID(c), {A, B, C}; _ -> [A | early(1)] end.
