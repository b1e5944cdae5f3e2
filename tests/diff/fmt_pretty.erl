%% diff: full
%% ~p over wide and deep terms: where lines break, how strings, maps and records nest.
-module(fmt_pretty).
-export([run/0]).
-include("diff.hrl").

run() ->
    L = lists:seq(1, 30), Ts = [L, {tuple, L, L}, #{key => L,
        other => #{nested => L, "string key" => <<"some binary data">>}},
        [{I, "string number " ++ integer_to_list(I), <<I:64>>} || I <- lists:seq(1, 8)],
        lists:duplicate(40, $a), binary:copy(<<"text ">>, 40), binary:copy(<<1, 2, 3>>, 40),
        {a, {b, {c, {d, {e, {f, {g, {h, L}}}}}}}}, [[[[[[[[[[deep]]]]]]]]]], [a | b],
        [1, 2 | improper], {[], {}, <<>>, #{}, "", ''}, [$a, $b, 1000], "line\nbreak\ttab\"quote\\",
        'quoted atom', ['Cap', '1', 'é', a@b], 1.0e-5, <<1:3>>, <<"abc", 5:3>>,
        lists:duplicate(10, {some_atom, "and a string", 12345678}), #{L => L},
        maps:from_list([{I, {I, "value"}} || I <- lists:seq(1, 40)])],
    [lists:flatten(io_lib:format("~p", [T])) || T <- Ts]
        ++ [lists:flatten(io_lib:format("~40p", [T])) || T <- Ts]
            ++ [lists:flatten(io_lib:format("~P", [T, 12])) || T <- Ts]
                ++ [lists:flatten(io_lib:print(T, 5, 60, 20)) || T <- Ts]
                    ++ [lists:flatten(io_lib:format("~w", [T])) || T <- Ts].
