%% A try in which nothing can raise, so that nothing reaches its handler.
-module(try_quiet).
-export([run/0]).
-include("diff.hrl").

run() ->
    self() ! one, self() ! two, self() ! three,
    [received(), received_catch(), constant(?ID(x))].

received() -> try receive _ -> fun erlang:atom_to_list/1('') end of [] -> ok catch _:_ -> error end.
received_catch() -> catch receive X -> X end.
constant(X) -> try X of Y -> Y catch _:_ -> error after ok end.
