%% Conversion BIFs given every type of argument.
-module(bif_convert).
-export([run/0]).
-include("diff.hrl").

run() ->
    Vs = [0, -7, 1 bsl 70, 1.5, a, 'é', [], "12", "1.5", [1 | 2], [a], {}, {1, 2}, <<>>, <<"34">>,
        <<"2.5">>, <<1:3>>, #{}, fun() -> ok end], [{F, [show(?TRY(erlang:F(V))) || V <- Vs]}
        || F <- [atom_to_list, atom_to_binary, list_to_atom, list_to_existing_atom, binary_to_atom,
        binary_to_existing_atom, integer_to_list, integer_to_binary, list_to_integer,
        binary_to_integer, float_to_list, float_to_binary, list_to_float, binary_to_float,
        list_to_tuple, tuple_to_list, list_to_binary, binary_to_list, bitstring_to_list,
        list_to_bitstring, iolist_to_binary, iolist_size, float, trunc, round, abs, length, size,
        byte_size, bit_size, tuple_size, map_size, hd, tl, is_integer, is_list, node, pid_to_list,
        list_to_pid, md5, external_size, not_a_bif]].
show({ok, F}) when is_function(F) -> fn;
show(X) -> X.
