%% Registers and stack slots keep their values across try, whichever way it is left.
-module(exc_state).
-export([run/0]).
-include("diff.hrl").

run() -> [f(K, 10, "s", {t}) || K <- [ok, throw, error, exit, nested, deep]].
f(K, A, B, C) ->
    X = A + 1, Y = [B | C],
    R = try
            Z = g(K, X),
            {normal, Z, A}
        catch
            throw:V -> {thrown, V, X, Y, C};
            error:{e, V} -> {err, V, A, B};
            exit:V when V > 100 -> {big_exit, V};
            exit:V -> {exit, V, [A, X]}
        after
            put(x, {X, Y, C})
        end,
    W = erase(x),
    {R, W, A, B, C, X, Y}.
g(ok, X) -> X * 2;
g(throw, X) -> throw(X);
g(error, X) -> error({e, X});
g(exit, X) -> exit(X);
g(nested, X) -> try g(throw, X) catch throw:Y -> exit(Y * 100) end;
g(deep, X) -> try g(error, X) catch throw:_ -> no after put(inner, X) end.
