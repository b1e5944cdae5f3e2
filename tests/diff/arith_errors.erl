%% Every arithmetic operator given every wrong kind of operand.
-module(arith_errors).
-export([run/0]).
-include("diff.hrl").

run() ->
    Bad = [a, [], {}, "1", <<1>>, #{}, 1.5, fun() -> ok end, self()],
    Ops = ['+', '-', '*', '/', 'div', 'rem', 'band', 'bor', 'bxor', 'bsl', 'bsr'],
    [{Op, [{?TRY(calc(Op, B, 1)), ?TRY(calc(Op, 1, B)), ?TRY(calc(Op, 1 bsl 80, B)),
        ?TRY(calc(Op, B, B))} || B <- Bad]} || Op <- Ops]
        ++ [{bnot1, ?TRY(bnot ?ID(B))} || B <- Bad] ++ [{neg, ?TRY(-?ID(B))} || B <- Bad]
            ++ [{plus, ?TRY(+?ID(B))} || B <- Bad].
calc('+', A, B) -> A + B;
calc('-', A, B) -> A - B;
calc('*', A, B) -> A * B;
calc('/', A, B) -> A / B;
calc('div', A, B) -> A div B;
calc('rem', A, B) -> A rem B;
calc('band', A, B) -> A band B;
calc('bor', A, B) -> A bor B;
calc('bxor', A, B) -> A bxor B;
calc('bsl', A, B) -> A bsl B;
calc('bsr', A, B) -> A bsr B.
