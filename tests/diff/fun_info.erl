%% fun_info of local funs: every item.
-module(fun_info).
-export([run/0]).
-include("diff.hrl").

run() ->
    X = {env, 1}, Y = "two",
    F = fun(A) -> {A, X, Y} end, G = fun() -> ok end, H = fun run/0,
    [{I, ?TRY(erlang:fun_info(Z, I))} || Z <- [F, G, H, fun lists:map/2],
        I <- [module, name, arity, env, index, new_index, type, refc_is_opaque, pid_is_opaque,
        bogus]]
     ++ [{new_uniq, byte_size(element(2, erlang:fun_info(F, new_uniq)))},
         erlang:fun_info(F, new_uniq) =:= erlang:fun_info(G, new_uniq),
         is_integer(element(2, erlang:fun_info(F, uniq))),
         erlang:fun_info(F, pid) =:= {pid, self()}, ?TRY(erlang:fun_info(?ID(a))),
         ?TRY(erlang:fun_info(?ID(a), arity)), [K || {K, _} <- erlang:fun_info(F)],
         erlang:fun_to_list(F), F, G, ?TRY(erlang:fun_info_mfa(F)),
         ?TRY(erlang:fun_info_mfa(fun lists:map/2)), erlang:phash2(G) =:= erlang:phash2(G),
         term_to_binary(F) =:= term_to_binary(F), (binary_to_term(term_to_binary(F)))(q),
         binary_to_term(term_to_binary(F)) =:= F].
