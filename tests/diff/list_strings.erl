%% Strings as lists: literals, escapes, patterns with ++, matching prefixes, character ranges.
-module(list_strings).
-export([run/0]).
-include("diff.hrl").

run() -> [f("prefix-rest"), f("pre"), f(""), f([1 | "x"]), g("k=v"), g("novalue"), "a\tb\n\e\x41\101\\\"" , "ab" "cd", [$a, $\s, $\n, $\^a, $\x{1F}], "multi
line", length("日本"), "a" ++ "b" ++ [], h("hello world"), up("mixed Case"), trim("  x y  "), [X || X <- "a1b2", X >= $0, X =< $9], "abc" < "abd", "abc" < "ab", "" < [0], num("-42"), num("x")].
f("prefix-" ++ R) -> {rest, R};
f("pre" ++ _ = S) -> {pre, S};
f([]) -> empty;
f([C | _]) -> {char, C}.
g(S) -> g(S, []).
g([$= | V], K) -> {lists:reverse(K, []), V};
g([C | T], K) -> g(T, [C | K]);
g([], K) -> {nokey, lists:reverse(K, [])}.
h(S) -> h(S, [], []).
h([$\s | T], W, A) -> h(T, [], [lists:reverse(W, []) | A]);
h([C | T], W, A) -> h(T, [C | W], A);
h([], W, A) -> lists:reverse([lists:reverse(W, []) | A], []).
up([C | T]) when C >= $a, C =< $z -> [C - 32 | up(T)];
up([C | T]) -> [C | up(T)];
up([]) -> [].
trim([$\s | T]) -> trim(T);
trim(S) -> lists:reverse(tr(lists:reverse(S, [])), []).
tr([$\s | T]) -> tr(T);
tr(S) -> S.
num([$- | T]) -> -num(T);
num(S) -> try list_to_integer(S) catch error:badarg -> 0 end.
