%% Pids, references, ports and funs through the external format and back on the same node.
-module(etf_ids).
-export([run/0]).
-include("diff.hrl").

run() ->
    P = self(), R = make_ref(), X = {env, P}, F = fun(A) -> {A, X} end,
    [binary_to_term(term_to_binary(T)) =:= T || T <- [P, R, F, {P, [R]}, #{P => R}, fun run/0]]
        ++ [(binary_to_term(term_to_binary(F)))(1) =:= F(1), byte_size(term_to_binary(P)),
            binary:at(term_to_binary(P), 1), binary:at(term_to_binary(R), 1),
            binary:at(term_to_binary(F), 1), binary_to_term(ext(88, <<5:32, 0:32, 1:32>>)),
            node(binary_to_term(ext(88, <<5:32, 0:32, 1:32>>))),
            binary_to_term(ext(88, <<5:32, 0:32, 1:32>>)) < P,
            node(binary_to_term(<<131, 90, 0, 3, 119, 3, "x@y", 7:32, 1:32, 2:32, 3:32>>)) ,
            node(binary_to_term(<<131, 120, 119, 3, "x@y", 7:64, 9:32>>)),
            is_port(binary_to_term(<<131, 89, 119, 3, "x@y", 7:32, 9:32>>)),
            ?TRY(binary_to_term(<<131, 103, 119, 3, "x@y", 7:32, 9:32, 1>>) < self()),
            binary_to_term(<<131, 101, 119, 3, "x@y", 7:32, 1>>) =:= binary_to_term(<<131, 101, 119,
            3, "x@y", 7:32, 1>>), erlang:phash2(binary_to_term(ext(88, <<5:32, 0:32, 1:32>>)))].
ext(Tag, Rest) -> <<131, Tag, 119, 3, "x@y", Rest/binary>>.
