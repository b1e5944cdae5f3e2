%% diff: full
%% Forms parsed, checked, compiled to each stage and printed back.
-module(lib_pp).
-export([run/0]).
-include("diff.hrl").

run() ->
    Src = ["-module(m).", "-export([f/1]).", "-record(r, {a = 1 :: integer(), b}).",
        "-type t() :: {a, [integer()]} | #{k := v}.", "-spec f(t()) -> ok | {error, term()}.",
        "f(#r{a = X} = R) when X > 1, is_list(R#r.b); X =:= 0 -> Y = R#r{b = <<X:8/little, \"s\">>}, try g(Y) of {ok, Z} -> [Z || Z <- [1 | Y#r.b], Z rem 2 == 0] catch throw:E:S -> {E, S}; _:_ -> fun() -> #{a => 1} end after ok end;",
        "f(_) -> receive {a, M} when M < 5 -> M; b -> ok after 100 -> timeout end.",
        "g(X) -> case X of [] -> \"str\"; _ when true -> $c end, if X -> 1.5; true -> -2 end, catch X ! {self(), fun g/1, fun m:g/1}, begin a, 'B c' end, X#{k => v, l := w}."],
    Fs = forms(string:join([S || S <- Src], "\n")), {ok, _, B} = compile:forms(Fs, [deterministic]),
    {ok, {_, [{exports, Ex}, {imports, Im}, {labeled_exports, LE}]}} = beam_lib:chunks(B,
        [exports, imports, labeled_exports]), {beam_file, m, _, _, _, Code} = beam_disasm:file(B),
    [lists:flatten(erl_pp:form(F)) || F <- Fs] ++ [lists:sort(Ex), lists:sort(Im), length(LE),
        erlang:phash2(Code), erlang:md5(B), byte_size(B),
        [element(1, compile:forms(Fs, [O, deterministic]))
        || O <- ['P', 'E', to_core, 'S', 'to_asm']], beam_lib:md5(B) =/= x, erl_lint:module(Fs),
        erl_anno:line(erl_anno:new({3, 4}))]
        ++ [compile:forms(forms("-module(e). -export([f/0]). f() -> " ++ X ++ "."), [return])
        || X <- ["X", "g()", "1 + a", "case 1 of X -> X; Y -> Y end", "#r{}", "fun h/1",
        "erlang:foo(X)"]].
forms(S) ->
    {ok, T, _} = erl_scan:string(S), [begin {ok, F} = erl_parse:parse_form(Ts), F end
        || Ts <- split(T, [])].
split([], []) -> [];
split([{dot, _} = D | T], A) -> [lists:reverse([D | A]) | split(T, [])];
split([X | T], A) -> split(T, [X | A]).
