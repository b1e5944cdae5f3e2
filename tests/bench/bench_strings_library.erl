%% The string module: split, trim, case, lexemes, on lists and binaries.
-module(bench_strings_library).
-export([run/1]).

run(N) ->
    T = "  The quick brown fox, jumps over the lazy dog; again and again  ",
    repeat(N, T, list_to_binary(T), 0).
repeat(0, _, _, S) -> S;
repeat(N, T, B, S) ->
    L = string:lexemes(T, " ,;"), U = string:uppercase(B),
    P = string:split(string:trim(T), " ", all), R = string:replace(T, "again", "once", all),
    F = string:find(B, "lazy"),
    repeat(N - 1, T, B,
        (S + length(L) + byte_size(U) + length(P) + length(lists:flatten(R)) + byte_size(F)) band 16#ffffff).
