%% What a receive can match on: bound variables, binaries, maps, guards that fail, big literals.
-module(recv_patterns).
-export([run/0]).
-include("diff.hrl").

run() ->
    X = 5, Y = {k, [1]}, [self() ! M || M <- [{5, wrong}, {6, x}, <<1, 2, 3>>, #{a => 5},
        #{a => 6, b => y}, {{k, [1]}, yes}, "string", [1, 2 | 3], 1.0, 1,
        123456789012345678901234567890, {guard, a}, {guard, 5}]],
        [receive {X, R} -> {five, R} end, receive <<A, B/binary>> -> {A, B} end,
        receive #{a := X} = M -> M end, receive #{a := V, b := W} -> {V, W} end,
        receive {Y, R2} -> R2 end, receive "str" ++ T -> T end, receive [P, Q | Z] -> {P, Q, Z} end,
        receive 1 -> int end, receive 1.0 -> float end,
        receive 123456789012345678901234567890 -> big end,
        receive {guard, N} when N + 1 > 5 -> {guard, N} end, receive {_, L} when hd(L) =:= 1 -> no;
        {guard, L} -> L end, receive U -> U after 0 -> none end,
        receive U2 -> U2 after 0 -> none end].
