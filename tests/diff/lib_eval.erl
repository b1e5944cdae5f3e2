%% diff: full
%% Expressions parsed and evaluated at run time: every construct of the language, and their errors.
-module(lib_eval).
-export([run/0]).
-include("diff.hrl").

run() ->
    [{E, ev(E)} || E <- ["1 + 2 * 3", "X = 5, X * X", "[A || A <- [1,2,3], A > 1]",
        "<< <<A>> || A <- [1,2] >>", "fun(X) -> X + 1 end(2)",
        "fun F(0) -> 1; F(N) -> N * F(N - 1) end(10)", "case {a, 1} of {a, N} when N > 0 -> N end",
        "if true -> x; false -> y end", "try throw(a) catch throw:a -> caught after ok end",
        "catch error(x)", "#{a => 1, b => #{c => 2}}", "#{a := V} = #{a => 7}, V",
        "(#{a => 1})#{a := 2}", "<<1:4, X:4>> = <<16#15>>, X", "<<\"abc\"/utf8, 1.5/float>>",
        "begin 1, 2 end", "receive after 0 -> none end", "self() ! hi, receive M -> M end",
        "lists:map(fun(Y) -> Y * 2 end, [1,2])", "(fun lists:reverse/1)([1,2])", "[1,2] ++ [3]",
        "not true orelse false andalso x", "1 = 2", "case 1 of 2 -> 3 end", "if false -> 1 end",
        "foo()", "a + 1", "X1 = 1, X1 = 2", "(fun(1) -> ok end)(2)", "no_mod:f()", "undefined_var",
        "Unbound", "exit(bye)", "[X || X <- a]", "{a, [b | c], \"s\", $c, 1.5}",
        "try 1 of 2 -> x catch _:_ -> y end", "maps:get(k, #{})", "1 bsl 70 band 255", "-(3)",
        "+(-2)", "try error(e) catch error:e:S -> is_list(S) end"]]
        ++ [begin {ok, T, _} = erl_scan:string("f(X) -> X" ++ Tail), erl_parse:parse_form(T) end
        || Tail <- [".", ";", " when .", "+."]].
ev(S) ->
    {ok, T, _} = erl_scan:string(S ++ "."), case erl_parse:parse_exprs(T) of {ok,
        E} -> try erl_eval:exprs(E, []) of {value, V, B} when is_function(V) -> {fn, B};
        {value, V, B} -> {V, [X || {_, Y} = X <- B, not is_function(Y)]} catch C:R -> {C,
        case R of {badarity, {_, A}} -> {badarity, A}; _ -> R end} end; Err -> Err end.
