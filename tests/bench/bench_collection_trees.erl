%% Binary trees built, walked and dropped while a large one lives on.
-module(bench_collection_trees).
-export([run/1]).

run(N) -> Long = tree(14), X = repeat(N, 0), X + count(Long).
repeat(0, S) -> S;
repeat(N, S) -> repeat(N - 1, S + count(tree(10))).
tree(0) -> {nil, nil};
tree(D) -> {tree(D - 1), tree(D - 1)}.
count({nil, nil}) -> 1;
count({L, R}) -> 1 + count(L) + count(R).
