%% Failures inside guards are silent; the same expressions in bodies raise.
-module(exc_guard).
-export([run/0]).
-include("diff.hrl").

run() -> [{N, g(N, X), b(N, X)} || N <- diff_runner:seq(1, 12), X <- [a, [], {}, 0, <<>>, #{}]].
g(1, X) when hd(X) =:= 1 -> y;
g(2, X) when X + 1 > 0 -> y;
g(3, X) when element(1, X) =:= 1 -> y;
g(4, X) when length(X) =:= 0 -> y;
g(5, X) when 1 div X =:= 1 -> y;
g(6, X) when byte_size(X) =:= 0 -> y;
g(7, X) when map_get(k, X) =:= 1 -> y;
g(8, X) when X -> y;
g(9, X) when not X -> y;
g(10, X) when (X + 1 > 0) or true -> y;
g(11, X) when X > 0 andalso hd(X) -> y;
g(12, X) when tuple_size(X) > 0; is_atom(X) -> y;
g(_, _) -> n.
b(1, X) -> ?TRY(hd(X) =:= 1);
b(2, X) -> ?TRY(X + 1 > 0);
b(3, X) -> ?TRY(element(1, X) =:= 1);
b(4, X) -> ?TRY(length(X) =:= 0);
b(5, X) -> ?TRY(1 div X =:= 1);
b(6, X) -> ?TRY(byte_size(X) =:= 0);
b(7, X) -> ?TRY(map_get(k, X) =:= 1);
b(8, X) -> ?TRY(if X -> y end);
b(9, X) -> ?TRY(not X);
b(10, X) -> ?TRY((X + 1 > 0) or true);
b(11, X) -> ?TRY(X > 0 andalso hd(X));
b(12, X) -> ?TRY(tuple_size(X) > 0).
