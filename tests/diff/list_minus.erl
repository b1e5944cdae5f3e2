%% '--' of long lists: which elements go, order of the rest, equality, errors, others that run meanwhile.
-module(list_minus).
-export([run/0]).
-include("diff.hrl").

run() ->
    A = diff_runner:seq(1, 30000),
    B = [X * 3 rem 20011 || X <- diff_runner:seq(1, 15000)],
    C = [case X rem 5 of 0 -> {X rem 100}; 1 -> [X rem 7]; 2 -> float(X rem 50); 3 -> X rem 50; _ -> [] end || X <- A],
    D = [case X rem 3 of 0 -> {X rem 50}; 1 -> X rem 40; _ -> [] end || X <- B],
    [short(?ID(L) -- ?ID(R)) || L <- [A, B, C, D, []], R <- [A, B, C, D, [], [[]], tl(A)]] ++
    [?TRY(?ID(A ++ x) -- B), ?TRY(B -- ?ID(A ++ x)), ?TRY(?ID(x) -- A), ?TRY(A -- ?ID({})),
     ?TRACE(apply(erlang, '--', [A ++ [1 | 2], B])),
     short(apply(erlang, subtract, [A, B])),
     alive_meanwhile(A, B)].

short(L) -> {length(L), erlang:phash2(L)}.

alive_meanwhile(A, B) ->
    Me = self(),
    P = spawn_link(fun() -> Me ! {self(), short(C = A -- B)}, Me ! {self(), short(C -- A)} end),
    _ = erlang:garbage_collect(P),  % false when it is done already
    [receive {P, X} -> X end || _ <- [1, 2]].
