%% Planets pulling at each other: floats in tuples, square roots, lists of bodies.
-module(bench_floats_bodies).
-export([run/1]).

run(N) -> round(energy(step(N * 3, bodies())) * 1.0e6).
bodies() ->
    [{0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 40.0}, {4.8, -1.2, -0.1, 0.6, 2.8, -0.02, 0.04},
        {8.3, 4.1, -0.4, -1.0, 1.8, 0.008, 0.01}, {12.9, -15.1, -0.2, 1.0, 0.8, -0.01, 0.002},
        {15.4, -25.9, 0.2, 0.9, 0.6, -0.03, 0.002}].
step(0, B) -> B;
step(N, B) -> step(N - 1, [move(accel(X, B)) || X <- B]).
accel(B, []) -> B;
accel({X, Y, Z, U, V, W, M} = B, [{X2, Y2, Z2, _, _, _, M2} | T]) ->
    Dx = X - X2, Dy = Y - Y2, Dz = Z - Z2, D2 = Dx * Dx + Dy * Dy + Dz * Dz,
    if D2 == 0.0 -> accel(B, T); true -> Mag = 0.001 / (D2 * math:sqrt(D2)),
    accel({X, Y, Z, U - Dx * M2 * Mag, V - Dy * M2 * Mag, W - Dz * M2 * Mag, M}, T) end.
move({X, Y, Z, U, V, W, M}) -> {X + 0.001 * U, Y + 0.001 * V, Z + 0.001 * W, U, V, W, M}.
energy(B) -> lists:sum([0.5 * M * (U * U + V * V + W * W) || {_, _, _, U, V, W, M} <- B]).
