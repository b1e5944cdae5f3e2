%% Account processes, transfers through a teller, an auditor: nothing is lost whatever the order.
-module(prog_bank).
-export([run/0]).
-include("diff.hrl").

run() ->
    As = [spawn_link(fun() -> account(100) end) || _ <- diff_runner:seq(1, 5)],
    T = list_to_tuple(As), Ms = [spawn_monitor(fun() -> teller(T, S, 50) end) || S <- [1, 7, 13]],
    [normal = diff_runner:wait_down(M) || M <- Ms], Bs = [ask(A, balance) || A <- As],
    R = [ask(hd(As), {withdraw, 10000}), ask(hd(As), {deposit, 5}) - ask(hd(As), balance)],
    [begin unlink(A), exit(A, kill) end || A <- As], [sum(Bs), R].
account(B) ->
    receive {F, R, balance} -> F ! {R, B}, account(B); {F, R, {deposit, N}} -> F ! {R, B + N},
    account(B + N); {F, R, {withdraw, N}} when N > B -> F ! {R, refused}, account(B);
        {F, R, {withdraw, N}} -> F ! {R, ok}, account(B - N) end.
ask(P, Q) -> R = make_ref(), P ! {self(), R, Q}, receive {R, X} -> X after 3000 -> timeout end.
teller(_, _, 0) -> ok;
teller(T, S, N) ->
    A = S rem 5 + 1, B = (S * 3 + 1) rem 5 + 1, case ask(element(A, T),
        {withdraw, S rem 40}) of ok -> ask(element(B, T), {deposit, S rem 40}); refused -> ok end,
        teller(T, (S * 1103 + 12345) rem 65536, N - 1).
sum([H | T]) -> H + sum(T);
sum([]) -> 0.
