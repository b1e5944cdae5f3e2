%% after parts see values, exceptions and non-local exits; their own result is dropped.
-module(exc_after).
-export([run/0]).
-include("diff.hrl").

run() ->
    [w(fun() -> v end), w(fun() -> throw(t) end), w(fun() -> exit(e) end), w(fun() -> error(r) end),
        nested(), loop(5, []), ret(), bind()].
w(F) ->
    put(seen, []), R = ?TRY(try F() after put(seen, [x | get(seen)]), ignored end), {R, get(seen)}.
nested() ->
    put(o, []), catch try try try throw(a) after o(1) end after o(2) end catch throw:a -> o(3),
    throw(b) after o(4) end, get(o).
o(X) -> put(o, [X | get(o)]).
loop(0, A) -> A;
loop(N, A) -> loop(N - 1, try N * 2 of X -> [X | A] after put(n, N) end).
ret() -> X = try 1 after ?ID(2) end, X + 10.
bind() -> try {A, B} = ?ID({1, 2}), A + B of 3 -> three; _ -> other catch _:_ -> err after ok end.
