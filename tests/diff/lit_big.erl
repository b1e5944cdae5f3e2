%% Large literal terms: shared, matched, updated; they must stay intact whatever is done to copies.
-module(lit_big).
-export([run/0]).
-include("diff.hrl").

-define(L, [{alpha, 1, "one", <<"uno">>, 1.0}, {beta, 2, "two", <<"dos">>, 2.0}, {gamma, 3, "three", <<"tres">>, 3.0}, #{k => [1, 2, {3, [4, 5, #{deep => "literal"}]}], 1.5 => {}, "s" => 'A b'}, 123456789012345678901234567890, [a | b], <<5:3>>, fun lists:map/2, -98765432109876543210987654321]).
run() ->
    A = ?L, B = ?L, C = setelement(2, hd(A), x), D = [y | tl(A)], M = lists_nth(4, A),
    N = M#{new => 1, 1.5 := changed},
    erlang:garbage_collect(), P = spawn_monitor(fun() -> exit({A, erlang:phash2(A)}) end),
    {R, H} = diff_runner:wait_down(P),
    [A =:= B, A =:= ?ID(?L), C, hd(D), N, M, R =:= A, H =:= erlang:phash2(B), erlang:phash2(A),
        m(?ID(A)), big() =:= big(), length(big()), lists_nth(50, big()), erts_debug:same(A, A),
        element(1, C)].
lists_nth(1, [H | _]) -> H;
lists_nth(N, [_ | T]) -> lists_nth(N - 1, T).
m([{alpha, 1, "one", <<"uno">>, 1.0}, {beta, X, _, _, _} | _]) -> {matched, X};
m(_) -> no.
big() ->
    [{1, a}, {2, b}, {3, c}, {4, d}, {5, e}, {6, f}, {7, g}, {8, h}, {9, i}, {10, j}, {11, k},
        {12, l}, {13, m}, {14, n}, {15, o}, {16, p}, {17, q}, {18, r}, {19, s}, {20, t}, {21, u},
        {22, v}, {23, w}, {24, x}, {25, y}, {26, z}, {27, "27"}, {28, "28"}, {29, "29"}, {30, "30"},
        {31, <<31>>}, {32, <<32>>}, {33, 33.0}, {34, 34.5}, {35, [35]}, {36, {36}},
        {37, #{37 => 37}}, {38, 38}, {39, 39}, {40, 40}, {41, 41}, {42, 42}, {43, 43}, {44, 44},
        {45, 45}, {46, 46}, {47, 47}, {48, 48}, {49, 49}, {50, fifty}].
