%% An interpreter for a language of eight instructions.
-module(prog_brain).
-export([run/0]).
-include("diff.hrl").

run() ->
    [exec("++++++++[>++++[>++>+++>+++>+<<<<-]>+>+>->>+[<]<-]>>.>---.+++++++..+++.>>.<-.<.+++.------.--------.>>+.>++.",
        []), exec(",[.,]", "echo"), exec("+++[>+++++<-]>.", ""), exec(",>,<[->+<]>.", [3, 4])].
exec(P, In) ->
    C = parse(P, []), {_, _, _, Out} = ops(C, {[], 0, []}, In, []), lists:reverse(Out, []).
parse(P, A) -> {B, []} = blk(P, A), B.
blk([$[ | T], A) -> {B, R} = blk(T, []), blk(R, [{loop, B} | A]);
blk([$] | T], A) -> {lists:reverse(A, []), T};
blk([C | T], A) -> blk(T, [C | A]);
blk([], A) -> {lists:reverse(A, []), []}.
ops([], T, I, O) -> {ok, T, I, O};
ops([{loop, B} = L | R], {_, C, _} = T, I, O) ->
    case C of 0 -> ops(R, T, I, O); _ -> {ok, T1, I1, O1} = ops(B, T, I, O),
    ops([L | R], T1, I1, O1) end;
ops([$+ | R], {A, C, B}, I, O) -> ops(R, {A, (C + 1) band 255, B}, I, O);
ops([$- | R], {A, C, B}, I, O) -> ops(R, {A, (C - 1) band 255, B}, I, O);
ops([$> | R], {A, C, [D | B]}, I, O) -> ops(R, {[C | A], D, B}, I, O);
ops([$> | R], {A, C, []}, I, O) -> ops(R, {[C | A], 0, []}, I, O);
ops([$< | R], {[D | A], C, B}, I, O) -> ops(R, {A, D, [C | B]}, I, O);
ops([$< | R], {[], C, B}, I, O) -> ops(R, {[], 0, [C | B]}, I, O);
ops([$. | R], {_, C, _} = T, I, O) -> ops(R, T, I, [C | O]);
ops([$, | R], {A, _, B}, [X | I], O) -> ops(R, {A, X, B}, I, O);
ops([$, | R], {A, _, B}, [], O) -> ops(R, {A, 0, B}, [], O);
ops([_ | R], T, I, O) -> ops(R, T, I, O).
