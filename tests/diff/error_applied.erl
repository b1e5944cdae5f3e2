%% error, exit and throw called through apply: the trace starts at the function that applied, also in
%% tail position; depth of traces given to raise/3; the missing key that an update names.
-module(error_applied).
-export([run/0, f/1, keep/1]).
-include("diff.hrl").

run() ->
    put(tail, []),
    put(erlang, erlang),
    Traces = [{T, ?TRACE(keep(T))}
              || T <- [const_only, only, const_last, const, last, body, fun_last, exit, throw, depth, no_list, no_args, half]],
    Depths = [depth(D) || D <- [0, 1, 2, 5]],
    Long = binary_to_atom_reasons(),
    [Traces, Depths, Long, updates(?ID(#{1 => a, 2 => b, 3.0 => c, 4 => d}))].

keep(T) -> R = f(T), ?ID(R).

f(const_only) -> apply(erlang, error, [oops, [const_only]]);
f(only) -> Erlang = get(erlang), Tail = get(tail), apply(Erlang, error, [oops, [only | Tail]]);
f(const_last) -> erlang:apply(erlang, error, [oops, [const_last]]);
f(const) -> erlang:apply(erlang, error, [oops, [const]]), ok;
f(last) -> erlang:apply(?ID(erlang), ?ID(error), ?ID([oops, [last]]));
f(body) -> erlang:apply(?ID(erlang), ?ID(error), ?ID([oops, [body]])), ok;
f(fun_last) -> erlang:apply(erlang, apply, [fun erlang:error/2, [oops, [fun_last]]]);
f(no_list) -> erlang:error(oops, ?ID(-1));
f(no_args) -> erlang:error(oops, ?ID(none));
f(half) -> apply(?ID(erlang), error, [oops, [1 | 2]]);
f(exit) -> erlang:apply(?ID(erlang), ?ID(exit), ?ID([oops]));
f(throw) -> erlang:apply(?ID(erlang), ?ID(throw), ?ID([oops]));
f(depth) -> erlang:apply(?ID(erlang), ?ID(error), ?ID([oops])).

depth(D) ->
    Old = erlang:system_flag(backtrace_depth, D),
    {'EXIT', {_, S}} = (catch keep(body)),
    R = try erlang:raise(error, made, [hd(S), {m, f, 1, []}, {m, g, 2}, {m, h, 3, []}])
        catch error:made:T -> length(T)
        end,
    erlang:system_flag(backtrace_depth, Old),
    {D, length(S), R}.

binary_to_atom_reasons() ->
    [try binary_to_atom(?ID(B), E) of A -> {ok, length(atom_to_list(A))} catch _:R -> R end
     || {B, E} <- [{<<0:512/unit:8, 255>>, utf8}, {<<0:512/unit:8, 255, 0>>, utf8}, {<<0:256/unit:8>>, utf8},
                   {<<0:255/unit:8>>, utf8}, {<<0:255/unit:8, 255>>, utf8}, {<<0:254/unit:8, 195>>, utf8},
                   {<<(binary:copy(<<195, 164>>, 255))/binary, 255>>, utf8},
                   {<<(binary:copy(<<195, 164>>, 256))/binary, 255>>, utf8},
                   {<<0:256/unit:8>>, latin1}]].

updates(M) ->
    [?TRY(M#{42.0 := v, 42 := v2}), ?TRY(M#{42 => v1, 42.0 := v2, 42 := v3}), ?TRY(M#{9 := x, 1 := y, 8 := z}),
     ?TRY(M#{4 := x, 1 := y, 3.0 := z}), ?TRY(M#{"b" := 1, {a} := 2, 7.5 := 3, <<"c">> := 4})].
