%% The Erlang compiler on a module of generated functions.
-module(bench_compile_module).
-export([run/1]).

run(N) -> Fs = forms(12), repeat(N, Fs, 0).
repeat(0, _, S) -> S;
repeat(N, Fs, S) ->
    {ok, _, B} = compile:forms(Fs, [deterministic]), repeat(N - 1, Fs, S + byte_size(B)).
forms(K) ->
    lists:append([[form("-module(bench_tmp)."),
        form("-export([f1/2]).")] | [[form(io_lib:format("f~b(X, Y) when X > ~b -> case g~b([X, Y]) of {ok, Z} -> Z + f~b(Y, X); [H | T] -> {H, T, ~b}; _ -> try X div Y catch error:_ -> none end end; f~b(_, #{a := B}) -> B.",
        [I, I, I, I, I, I])),
        form(io_lib:format("g~b([A, B | C]) -> [D || D <- [A, B], D =/= ~b] ++ C; g~b(<<A:8, R/binary>>) -> g~b(R) + A; g~b(_) -> fun(X) -> X * ~b end.",
        [I, I, I, I, I, I]))] || I <- lists:seq(1, K)]]).
form(S) -> {ok, T, _} = erl_scan:string(lists:flatten(S)), {ok, F} = erl_parse:parse_form(T), F.
