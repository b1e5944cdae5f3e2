%% The smallest module: constants of every kind come back as they were written.
-module(base_hello).
-export([run/0]).
run() ->
    [hello, 1, -1, [], {}, "text", <<"bytes">>, #{}, #{a => 1}, [a | b], {a, {b, [c]}}, 1.5].
