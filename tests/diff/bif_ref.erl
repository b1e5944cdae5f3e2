%% References: unique, usable as keys, surviving copies. (Their order says nothing about their age.)
-module(bif_ref).
-export([run/0]).
-include("diff.hrl").

run() ->
    Rs = [make_ref() || _ <- diff_runner:seq(1, 1000)], M = maps:from_list([{R, x} || R <- Rs]),
    [map_size(M), lists:member(hd(Rs), Rs), Rs =:= binary_to_term(term_to_binary(Rs)),
        diff_runner:in_process(fun() -> erlang:phash2(Rs) =:= erlang:phash2(Rs) end),
        length([R || R <- Rs, is_reference(R)]), hd(Rs) =:= list_to_ref(ref_to_list(hd(Rs))),
        erlang:phash2(hd(Rs)) =:= erlang:phash2(hd(Rs)), make_ref() =/= make_ref()].
