%% Big messages: copied, not shared; literals, funs, binaries and maps inside.
-module(recv_big).
-export([run/0]).
-include("diff.hrl").

run() ->
    Me = self(), L = diff_runner:seq(1, 20000),
    B = list_to_binary(lists:reverse(L -- diff_runner:seq(256, 20000), [])),
    M = maps:from_list([{I, {I, [I]}} || I <- diff_runner:seq(1, 500)]),
    P = spawn(fun Echo() -> receive {F, X} -> F ! {self(), X}, Echo() end end),
    R = [begin P ! {Me, X}, receive {P, Y} -> {Y =:= X,
        erlang:phash2(Y) =:= erlang:phash2(X)} end end || X <- [L, B, M, {L, L}, [B, B],
        fun() -> L end, "literal", #{lit => {eral, [1, 2, 3]}}, 1 bsl 5000, <<1:13>>,
        list_to_tuple(L), [[[]]], 1.5]],
    exit(P, kill), [R, self_send(200)].
self_send(0) -> [];
self_send(N) ->
    self() ! lists:reverse(diff_runner:seq(1, N), []), receive L -> [hd(L) | self_send(N - 50)] end.
