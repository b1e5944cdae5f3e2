%% The old catch: values, the shape of {'EXIT', _}, nesting, catch in odd places.
-module(exc_catch).
-export([run/0]).
-include("diff.hrl").

run() ->
    [catch 1, catch throw(t), catch exit(e), cut(catch error(r)), cut(catch ?ID(a) + 1),
        catch (catch throw(in)), {x, catch throw(y)}, [catch throw(z)],
        (catch throw({'EXIT', fake})), case (catch exit(q)) of {'EXIT', Q} -> {exited, Q} end,
        f(catch throw(arg)), (catch begin put(a, 1), throw(get(a)) end), loop(3), deep(1000)].
cut({'EXIT', {R, [{M, F, A, L} | _]}}) -> {R, M, F, A, L};
cut(X) -> X.
f(X) -> {f, X}.
loop(0) -> throw(bottom);
loop(N) -> [N, catch loop(N - 1)].
deep(0) -> throw(deep);
deep(N) -> catch (1 + deep(N - 1)).
