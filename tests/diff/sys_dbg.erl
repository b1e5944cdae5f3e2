%% erts_debug helpers that libraries use: sizes, sharing, flat size. Only of terms whose size in words
%% is the same in both machines' layouts.
-module(sys_dbg).
-export([run/0]).
-include("diff.hrl").

run() ->
    T = {a, [1, 2, 3], "str"}, S = {T, T}, B = binary:copy(<<1>>, 1000),
    [erts_debug:flat_size(X) || X <- [a, 1, [], [1], {1}, T, S, 1.5, 1 bsl 70, "abc", <<1, 2>>,
        #{}]] ++ [erts_debug:size(X) || X <- [a, T, S, [T, T, T]]]
        ++ [erts_debug:same(T, element(1, S)), erts_debug:same(T, {a, [1, 2, 3], ?ID("str")}),
        erts_debug:same(1, 1), erts_debug:flat_size(B) < 20,
        is_integer(erts_debug:flat_size([B, B]))].
