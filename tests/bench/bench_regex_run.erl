%% re:run with compiled patterns over lines.
-module(bench_regex_run).
-export([run/1]).

run(N) ->
    {ok, A} = re:compile("^(\\w+)\\s+(\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3})\\s+\"([^\"]*)\""),
    {ok, B} = re:compile("(foo|bar|baz)+\\d*$", [caseless]),
    L = [<<"user12   192.168.17.4  \"GET /path/to/page\" foobar99">>,
        <<"nothing matches in this line at all, it only goes on">>, <<"x 1.2.3.4 \"q\" BAZ">>],
        repeat(N, A, B, L, 0).
repeat(0, _, _, _, S) -> S;
repeat(N, A, B, L, S) ->
    R = [{re:run(X, A, [{capture, all, binary}]), re:run(X, B)} || X <- L],
    repeat(N - 1, A, B, L, S + length([1 || {{match, _}, _} <- R])).
