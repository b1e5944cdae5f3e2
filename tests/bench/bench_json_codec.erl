%% A JSON text decoded and encoded by plain Erlang code over binaries, lists and maps.
-module(bench_json_codec).
-export([run/1]).

run(N) ->
    T = <<"{\"id\": 42, \"name\": \"Example \\u00e9 \\n text\", \"tags\": [\"a\", \"bb\", \"ccc\"], \"nested\": {\"x\": 1.5, \"y\": -2e3, \"ok\": true, \"none\": null}, \"list\": [1,2,3,4,5,6,7,8,9,10]}">>,
    repeat(N, T, 0).
repeat(0, _, S) -> S;
repeat(N, T, S) -> {V, <<>>} = val(T), repeat(N - 1, T, (S + iolist_size(enc(V))) band 16#ffffff).
val(<<C, R/binary>>) when C =:= $ ; C =:= $\n -> val(R);
val(<<${, R/binary>>) -> obj(ws(R), []);
val(<<$[, R/binary>>) -> arr(ws(R), []);
val(<<$", R/binary>>) -> str(R, <<>>);
val(<<"true", R/binary>>) -> {true, R};
val(<<"false", R/binary>>) -> {false, R};
val(<<"null", R/binary>>) -> {null, R};
val(B) -> num(B, 0).
ws(<<C, R/binary>>) when C =:= $ ; C =:= $\n -> ws(R);
ws(B) -> B.
obj(<<$}, R/binary>>, A) -> {maps:from_list(A), R};
obj(<<$,, R/binary>>, A) -> obj(ws(R), A);
obj(<<$", R/binary>>, A) ->
    {K, R1} = str(R, <<>>), <<$:, R2/binary>> = ws(R1), {V, R3} = val(R2),
    obj(ws(R3), [{K, V} | A]).
arr(<<$], R/binary>>, A) -> {lists:reverse(A), R};
arr(<<$,, R/binary>>, A) -> arr(ws(R), A);
arr(B, A) -> {V, R} = val(B), arr(ws(R), [V | A]).
str(<<$", R/binary>>, A) -> {A, R};
str(<<$\\, $u, H:4/binary, R/binary>>, A) -> str(R, <<A/binary, (binary_to_integer(H, 16))/utf8>>);
str(<<$\\, $n, R/binary>>, A) -> str(R, <<A/binary, $\n>>);
str(<<$\\, C, R/binary>>, A) -> str(R, <<A/binary, C>>);
str(<<C, R/binary>>, A) -> str(R, <<A/binary, C>>).
num(B, L) ->
    case B of <<_:L/binary, C, _/binary>> when C >= $0, C =< $9; C =:= $-; C =:= $.;
        C =:= $e -> num(B, L + 1); <<N:L/binary, R/binary>> -> {number(N), R} end.
number(N) ->
    case binary:match(N, [<<".">>, <<"e">>]) of nomatch -> binary_to_integer(N);
        _ -> try binary_to_float(N) catch error:_ -> [A, E] = binary:split(N, <<"e">>),
        binary_to_integer(A) * math:pow(10, binary_to_integer(E)) end end.
enc(M) when is_map(M) ->
    [${, lists:join($,, [[$", K, $", $:, enc(V)] || {K, V} <- maps:to_list(M)]), $}];
enc(L) when is_list(L) -> [$[, lists:join($,, [enc(V) || V <- L]), $]];
enc(B) when is_binary(B) -> [$", [esc(C) || <<C>> <= B], $"];
enc(N) when is_integer(N) -> integer_to_list(N);
enc(F) when is_float(F) -> float_to_list(F, [short]);
enc(A) when is_atom(A) -> atom_to_list(A).
esc($") -> "\\\"";
esc($\n) -> "\\n";
esc(C) -> C.
