%% Small maps read and updated, keys known when compiled.
-module(bench_maps_small).
-export([run/1]).

run(N) -> loop(N * 100, #{count => 0, name => x, items => [], total => 0, flag => true}).
loop(0, #{count := C}) -> C;
loop(N, #{count := C, total := T, flag := F} = M) ->
    loop(N - 1, M#{count := C + 1, total := (T + N) band 16#ffff, flag := not F}).
