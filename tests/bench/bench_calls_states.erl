%% A state machine driven by a list of tokens: clause selection over atoms and characters.
-module(bench_calls_states).
-export([run/1]).

run(N) ->
    In = lists:flatten(lists:duplicate(20,
        "if (x1 >= 42) { y = \"text\"; } else { z = 3.14; } // end\n")), repeat(N, In, 0).
repeat(0, _, S) -> S;
repeat(N, In, S) -> repeat(N - 1, In, S + scan(In, start, 0)).
scan([], _, C) -> C;
scan([$" | T], string, C) -> scan(T, start, C + 1);
scan([_ | T], string, C) -> scan(T, string, C);
scan([$" | T], _, C) -> scan(T, string, C);
scan([$/, $/ | T], start, C) -> scan(T, comment, C);
scan([$\n | T], _, C) -> scan(T, start, C + 2);
scan([_ | T], comment, C) -> scan(T, comment, C);
scan([H | T], S, C) when H >= $a, H =< $z -> scan(T, word, case S of word -> C; _ -> C + 1 end);
scan([H | T], S, C) when H >= $0, H =< $9 ->
    case S of word -> scan(T, word, C); num -> scan(T, num, C); _ -> scan(T, num, C + 1) end;
scan([$. | T], num, C) -> scan(T, num, C);
scan([H | T], _, C) ->
    case H of $( -> scan(T, start, C + 1); $) -> scan(T, start, C + 1); ${ -> scan(T, start, C + 1);
        $} -> scan(T, start, C + 1); $= -> scan(T, op, C + 1); $> -> scan(T, op, C + 1);
            $; -> scan(T, start, C + 1); _ -> scan(T, start, C) end.
