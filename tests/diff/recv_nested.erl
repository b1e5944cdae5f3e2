%% receive inside receive, inside funs, comprehensions, try and catch, in callbacks of other calls.
-module(recv_nested).
-export([run/0]).
-include("diff.hrl").

run() ->
    [self() ! X || X <- [{a, 1}, {b, 2}, {c, 3}, {a, 4}, stop, {d, 5}]],
    A = receive {b, X} -> receive {a, Y} -> {X, Y, receive {a, Z} -> Z end} end end,
    B = (fun() -> receive {c, C} -> C end end)(), D = [receive {d, V} -> V after 0 -> none end
        || _ <- [1, 2]], E = try receive stop -> throw(stopped) end catch T -> {T,
        receive _ -> x after 0 -> empty end} end, F = catch receive after 0 -> exit(nothing) end,
        G = f(3), H = case receive after 1 -> t end of t -> timed end,
        [A, B, D, E, F, G, H, diff_runner:flush()].
f(0) -> [];
f(N) -> self() ! {n, N}, R = f(N - 1), receive {n, N} -> [N | R] end.
