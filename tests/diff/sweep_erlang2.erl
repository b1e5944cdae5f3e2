%% diff: full
%% diff: alone
%% diff: with sweep_erlang
%% erlang: the built-in functions from j on with wrong arguments, as the shell prints it.
-module(sweep_erlang2).
-export([run/0]).
-include("diff.hrl").

run() -> sweep_erlang:part(fun(F) -> hd(atom_to_list(F)) >= $j end).
