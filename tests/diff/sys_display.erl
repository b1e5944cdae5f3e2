%% diff: bare
%% erlang:display writes terms in the machine's own form, without the library.
-module(sys_display).
-export([run/0]).
-include("diff.hrl").

run() ->
    [erlang:display(T) || T <- [a, 'A b', '', 'é', 1, -5, 1 bsl 70, 1.5, -0.0, 1.0e100, "str", "",
        [1, 2, 300], [a | b], [[]], {}, {a, {b}}, <<>>, <<"bin">>, <<1, 255>>, <<5:3>>, #{},
        #{a => 1, "k" => [v]}, fun lists:map/2, [$\n, $\t, $"], 'it\'s', '\\',
        {"nested", ["list", <<"x">>]}]].
