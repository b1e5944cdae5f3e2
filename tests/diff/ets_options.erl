%% diff: full
%% ets:new with each option, table names, protection against other processes, ownership and heirs.
-module(ets_options).
-export([run/0]).
-include("diff.hrl").

%% Whether the write_concurrency options are kept depends on the number of schedulers.
run() ->
    Me = self(), A = [begin T = ets:new(opt, O), R = [ets:info(T, I)
        || I <- [type, protection, keypos, named_table, read_concurrency,
        compressed, heir]], ets:delete(T), {O, R} end
        || O <- [[], [public], [private], [{keypos, 2}], [named_table], [compressed],
        [{read_concurrency, true}], [{write_concurrency, true}, public],
        [{write_concurrency, auto}, public], [{decentralized_counters, true}, public],
        [{write_concurrency, {debug_hash_fixed_number_of_locks, 100}}, public],
        [bag, private, {keypos, 3}], [{heir, none}]]],
    B = [?TRY(ets:new(n, O)) || O <- [[bad], a, [{keypos, 0}], [{keypos, a}], [set | x],
        [{heir, a, b}], [{write_concurrency, {debug_hash_fixed_number_of_locks, 0}}],
        [ordered_set, {write_concurrency, {debug_hash_fixed_number_of_locks, 64}}]]] ++ [?TRY(ets:new(?ID(1), []))],
    ets:new(named, [named_table]), C = [?TRY(ets:new(named, [named_table])),
        ets:insert(named, {a, 1}), ets:lookup(named, a), is_reference(ets:whereis(named)),
        ets:rename(named, other), ets:lookup(other, a), ?TRY(ets:lookup(named, a)),
        ets:info(other, name), ets:info(other, owner) =:= Me],
    P = ets:new(p, [protected]), Q = ets:new(q, [private]), U = ets:new(u, [public]),
    ets:insert(P, {k, v}),
    D = diff_runner:in_process(fun() -> [?TRY(ets:lookup(P, k)), ?TRY(ets:insert(P, {a, b})),
        ?TRY(ets:lookup(Q, k)), ?TRY(ets:insert(U, {a, b})), ?TRY(ets:delete(U)),
        ?TRY(ets:delete(P))] end),
    {X, M} = spawn_monitor(fun() -> T = ets:new(h, [{heir, Me, data}]), ets:insert(T, {x, 1}),
        exit(T) end), E = receive {'ETS-TRANSFER', T2, X, data} -> [ets:lookup(T2, x),
        ets:info(T2, owner) =:= Me] after 1000 -> none end, receive {'DOWN', M, _, _, _} -> ok end,
    U2 = ets:new(u2, [public]), Y = spawn(fun() -> receive {'ETS-TRANSFER', T3, Me,
        gift} -> Me ! {got, ets:lookup(T3, g)}, receive stop -> ok end end end), G = ets:new(g, []),
        ets:insert(G, {g, 1}), F = [ets:give_away(G, Y, gift),
        receive {got, V} -> V after 1000 -> none end, ?TRY(ets:insert(G, {a, b})),
        ?TRY(ets:give_away(G, Me, x)), ?TRY(ets:give_away(U2, ?ID(z), x)),
        ets:setopts(U2, {heir, Y, 1}), ets:setopts(U2, [{heir, none}]), ?TRY(ets:setopts(U2, bad))],
        Y ! stop,
    {Z, M2} = spawn_monitor(fun() -> exit(ets:new(d, [public])) end),
    H = receive {'DOWN', M2, process, Z, Tz} -> ets:info(Tz) end,
    [A, B, C, D, E, F, H, [length(L) > 0 || L <- [ets:all()]]].
