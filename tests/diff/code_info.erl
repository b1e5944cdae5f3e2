%% What a module says of itself and what the machine says of its code.
-module(code_info).
-export([run/0]).
-include("diff.hrl").

-vsn({1, 2}).
-custom([a, b]).
-export([exp/1]).
exp(X) -> X.
run() ->
    S = fun diff_runner:sorted/1, A = ?MODULE:module_info(attributes),
    [S(?MODULE:module_info(exports)), ?MODULE:module_info(module), [X || {vsn, _} = X <- A],
        [X || {custom, _} = X <- A], S([K || {K, _} <- ?MODULE:module_info()]),
        byte_size(?MODULE:module_info(md5)), ?MODULE:module_info(nifs), ?MODULE:module_info(native),
        ?MODULE:module_info(native_addresses),
        ?TRY(?MODULE:module_info(?ID(bad))), ?TRY(no_mod_i:module_info()),
        erlang:get_module_info(?MODULE, exports) =:= ?MODULE:module_info(exports),
        ?TRY(erlang:get_module_info(?ID(no_mod_i))), ?TRY(erlang:get_module_info(?ID(1), exports)),
        erlang:module_loaded(?MODULE), erlang:module_loaded(no_mod_i),
        ?TRY(erlang:module_loaded(?ID(1))), lists:member(?MODULE, erlang:loaded()),
        erlang:check_old_code(?MODULE), ?TRY(erlang:check_old_code(?ID(1))),
        erlang:pre_loaded() =/= [], erlang:delete_module(no_mod_i),
        length([F || {F, _} <- ?MODULE:module_info(functions)])].
