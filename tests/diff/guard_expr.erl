%% The same boolean operators as expressions, where a wrong operand is an error.
-module(guard_expr).
-export([run/0]).
-include("diff.hrl").

run() ->
    Vs = [true, false, a, 1],
    [{A, B, [?TRY(A and B), ?TRY(A or B), ?TRY(A xor B), ?TRY(A andalso B), ?TRY(A orelse B),
        ?TRY(not A), case A =:= B of true -> same; false -> differ end,
        ?TRY(if A -> t; B -> u; true -> v end), ?TRY(case A of true when B -> tb; true -> t;
        _ when not B -> nb; _ -> o end)]} || A <- Vs, B <- Vs].
