%% Deeply nested cases, fall-through between clauses with the same prefix, shared right-hand sides.
-module(op_deepcase).
-export([run/0]).
-include("diff.hrl").

run() -> [f(A, B, C) || A <- [a, b, {1}, {2}], B <- [x, y, [1], []], C <- [1, 2, 1.0, "s"]].
f(A, B, C) ->
    case A of
        a -> case B of x -> case C of 1 -> ax1; 2 -> ax2; _ when is_float(C) -> axf; _ -> ax end;
            [H | _] -> case H + 1 of 2 when C == 1 -> {two, C}; 2 -> two; _ -> no end;
                _ when C =:= 1 -> a1; _ -> a end;
        {N} -> case {B, C} of {x, M} when N =:= M -> same; {x, _} -> x; {[], [_ | _]} -> str;
            {[M], M} -> {m, M}; {_, M} when is_integer(M), M > N -> gt; _ -> {n, N} end;
        _ -> if B =:= x, C =:= 1; B =:= y, C =:= 2 -> pair; is_list(B) -> case B of [] -> nil;
            [X] -> X end; true -> default end
    end.
