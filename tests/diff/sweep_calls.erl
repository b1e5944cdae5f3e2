%% diff: full
%% diff: alone
%% Calls that succeed, with each argument spoiled in turn: functions with three or more arguments and
%% those that take options.
-module(sweep_calls).
-export([run/0]).
-include("diff.hrl").

run() ->
    sweep_helper:around(erlang, erlang_calls(), [start_timer, send_after, md5_update, phash, phash2, term_to_binary, term_to_iovec]) ++
        sweep_helper:around(binary, binary_calls()) ++ sweep_helper:around(re, re_calls()) ++
        sweep_helper:around(unicode, unicode_calls()) ++ sweep_helper:around(atomics, atomics_calls()) ++
        sweep_helper:around(persistent_term, [{put, [sweep_key, v]}, {get, [sweep_key, d]}, {erase, [sweep_key]}]) ++
        sweep_helper:around(maps, maps_calls()) ++ sweep_helper:around(lists, lists_calls()) ++
        sweep_helper:around(math, [{atan2, [1, 2]}, {pow, [2, 3]}, {fmod, [7, 2]}, {sqrt, [4]}, {log, [0]},
                                   {fmod, [1, 0]}, {pow, [1.0e300, 2]}, {exp, [1000]}]).

pid() -> spawn(fun() -> receive after 300 -> ok end end).

erlang_calls() ->
    P = fun pid/0,
    S = fun erlang:self/0,
    Dec = fun(T) -> {decode_packet, [T, <<"GET /x HTTP/1.1\r\nHost: a\r\n\r\n">>, []]} end,
    [{setelement, [2, {a, b}, c]}, {insert_element, [1, {a}, b]}, {delete_element, [1, {a, b}]}, {make_tuple, [3, x]},
     {make_tuple, [3, x, [{1, a}, {3, b}]]}, {append_element, [{a}, b]}, {element, [1, {a}]},
     {binary_to_integer, [<<"12">>]}, {binary_to_integer, [<<"zz">>, 36]}, {list_to_integer, ["zz", 36]},
     {integer_to_binary, [255, 16]}, {integer_to_list, [255, 16]}, {binary_to_float, [<<"1.5">>]}, {list_to_float, ["1.5"]},
     {float_to_list, [1.25, [{decimals, 1}, compact]]}, {float_to_binary, [1.25, [{scientific, 3}]]},
     {float_to_list, [1.25, [short]]}, {float_to_list, [1.25, [{decimals, 300}]]}, {float_to_list, [1.25, [{decimals, -1}]]},
     {binary_part, [<<"abcdef">>, 1, 2]}, {binary_part, [<<"abcdef">>, {1, 2}]}, {binary_part, [<<"abc">>, {3, -2}]},
     {binary_to_list, [<<"abc">>, 1, 2]}, {split_binary, [<<"abc">>, 1]}, {bitstring_to_list, [<<1, 2:3>>]},
     {list_to_binary, [[1, <<2>>, [3]]]}, {list_to_bitstring, [[<<1:1>>, <<2:2>>]]}, {iolist_to_iovec, [[1, <<2>>]]},
     {iolist_size, [["ab", <<"c">>]]}, {binary_to_atom, [<<"abc">>, utf8]}, {binary_to_existing_atom, [<<"abc">>, latin1]},
     {binary_to_existing_atom, [<<"no_such_atom_here">>, utf8]}, {atom_to_binary, [abc, utf8]},
     {atom_to_binary, ['\x{400}', latin1]}, {list_to_atom, ["abc"]}, {list_to_existing_atom, ["no_such_atom_here"]},
     {list_to_atom, [lists:duplicate(256, $a)]}, {binary_to_atom, [<<255>>, utf8]},
     {binary_to_term, [term_to_binary(a), [safe]]}, {binary_to_term, [term_to_binary(a), [used]]},
     {binary_to_term, [<<131, 100, 0, 22, "an_unknown_atom_sweep1">>, [safe]]},
     {term_to_binary, [[a], [compressed]]}, {term_to_binary, [[a], [{compressed, 3}, {minor_version, 1}]]},
     {term_to_iovec, [[a], [deterministic]]}, {external_size, [a, [{minor_version, 2}]]},
     {crc32, [1, <<"a">>]}, {crc32_combine, [1, 2, 3]}, {adler32, [1, <<"a">>]}, {adler32_combine, [1, 2, 3]},
     {md5, [<<"a">>]}, {md5_update, [fun erlang:md5_init/0, "a"]}, {md5_final, [fun erlang:md5_init/0]},
     {phash, [a, 10]}, {phash2, [a, 10]}, Dec(http), Dec(http_bin), Dec(line), Dec(4), Dec(0), Dec(raw), Dec(sunrm), Dec(asn1), Dec(tpkt), Dec(fcgi), Dec(cdr),
     {decode_packet, [line, <<"abc\n">>, [{line_length, 2}]]}, {decode_packet, [4, <<1:32, 5>>, [{packet_size, 0}, {line_delimiter, $x}]]},
     {apply, [erlang, abs, [1]]}, {apply, [fun erlang:abs/1, [1]]}, {make_fun, [lists, map, 2]},
     {fun_info, [fun erlang:abs/1, module]}, {fun_info, [fun erlang:abs/1, env]}, {function_exported, [lists, map, 2]}, {is_builtin, [erlang, abs, 1]},
     {link, [P]}, {unlink, [P]}, {monitor, [process, P]}, {monitor, [process, {init, node()}]}, {monitor, [time_offset, clock_service]},
     {monitor, [process, P, [{alias, demonitor}, {tag, x}]]}, {monitor, [port, init]}, {demonitor, [fun erlang:make_ref/0, [flush, info]]},
     {exit, [P, kill]}, {send, [P, x]}, {send, [P, x, [noconnect]]}, {send, [init_no, x]}, {send, [{init_no, node()}, x, [nosuspend]]},
     {register, [sweep_reg, S]}, {unregister, [sweep_reg]}, {whereis, [sweep_reg]}, {group_leader, [P, S]},
     {process_flag, [trap_exit, true]}, {process_flag, [priority, high]}, {process_flag, [min_heap_size, 100]}, {process_flag, [max_heap_size, 0]},
     {process_flag, [max_heap_size, #{size => 100000, kill => false, error_logger => true}]}, {process_flag, [message_queue_data, off_heap]},
     {process_flag, [save_calls, 10]}, {process_flag, [sensitive, true]}, {process_flag, [fullsweep_after, 10]}, {process_flag, [monitor_nodes, true]},
     {process_flag, [error_handler, x]}, {process_flag, [min_bin_vheap_size, 100]}, {process_flag, [P, save_calls, 10]},
     {process_info, [S, trap_exit]}, {process_info, [S, [priority, trap_exit]]}, {process_info, [S, nonsense]},
     {spawn_opt, [lists, map, [], [link, monitor, {priority, low}]]}, {spawn_opt, [lists, map, [], [{min_heap_size, 100}, {fullsweep_after, 0}]]}, {spawn_opt, [lists, map, [], [{max_heap_size, #{size => 0}}]]},
     {spawn, [lists, map, []]}, {spawn_request, [erlang, node, [], [{reply, no}]]}, {spawn_request_abandon, [fun erlang:make_ref/0]},
     {suspend_process, [P, [asynchronous]]}, {suspend_process, [P, [unless_suspending]]}, {resume_process, [P]},
     {start_timer, [10, S, x]}, {start_timer, [10, S, x, [{abs, false}]]}, {send_after, [10, S, x]}, {send_after, [10, S, x, [{abs, true}]]},
     {cancel_timer, [fun erlang:make_ref/0]}, {cancel_timer, [fun erlang:make_ref/0, [{async, false}, {info, true}]]}, {read_timer, [fun erlang:make_ref/0, [{async, false}]]},
     {convert_time_unit, [1000, millisecond, second]}, {universaltime_to_localtime, [{{2020, 1, 1}, {0, 0, 0}}]}, {localtime_to_universaltime, [{{2020, 1, 1}, {0, 0, 0}}, false]},
     {posixtime_to_universaltime, [0]}, {universaltime_to_posixtime, [{{2020, 1, 1}, {0, 0, 0}}]}, {list_to_pid, ["<0.1.0>"]}, {list_to_ref, ["#Ref<0.1.2.3>"]}, {list_to_port, ["#Port<0.1>"]},
     {node, [S]}, {system_flag, [fullsweep_after, 65535]}, {system_flag, [backtrace_depth, 8]}, {system_flag, [max_heap_size, 0]},
     {garbage_collect, [S]}, {garbage_collect, [S, [{type, minor}]]}, {garbage_collect, [S, [{async, x}]]}, {check_process_code, [S, lists]}, {check_process_code, [S, lists, [{allow_gc, false}]]},
     {error, [x, [1]]}, {error, [x, [1], [{error_info, #{}}]]}, {raise, [error, x, []]}, {nif_error, [x]}, {nif_error, [x, [1]]}, {throw, [x]},
     {map_get, [a, #{a => 1}]}, {is_map_key, [a, #{a => 1}]}, {map_size, [#{}]}, {bump_reductions, [1]}, {display_nl, []},
     {open_port, [{spawn, "true"}, []]}, {open_port, [{spawn_executable, "/no/such/file"}, []]}, {open_port, [{spawn, "/no/such/file"}, [{args, []}]]}, {open_port, [{fd, 0, 1}, [x]]},
     {port_command, [S, x]}, {port_command, [S, x, []]}, {port_control, [S, 1, x]}, {port_call, [S, 1, x]}, {port_close, [S]}, {port_connect, [S, S]}, {port_info, [S]}, {port_info, [S, id]}, {port_set_data, [S, 1]}, {port_get_data, [S]},
     {match_spec_test, [{a}, [{'_', [], ['$_']}], table]}, {match_spec_test, [[a], [{'_', [], ['$_']}], trace]}, {make_ref, []}, {alias, [[reply]]}, {unalias, [fun erlang:make_ref/0]},
     {dt_put_tag, [x]}, {dt_prepend_vm_tag_data, [x]}, {iolist_to_binary, [[1]]}, {ceil, [1.5]}, {round, [1.5]}, {trunc, [1.5]}, {float, [1]}, {abs, [1]}, {tuple_size, [{}]}, {size, [<<1>>]}, {bit_size, [<<1>>]}, {byte_size, [<<1>>]}, {length, [[1]]}, {hd, [[1]]}, {tl, [[1]]},
     {'+', [1, 2]}, {'-', [1]}, {'*', [2, 3]}, {'/', [1, 2]}, {'div', [1, 2]}, {'rem', [1, 2]}, {'bsl', [1, 2]}, {'bsr', [1, 2]}, {'band', [1, 2]}, {'bnot', [1]}, {'bor', [1, 2]}, {'bxor', [1, 2]}, {'not', [true]}, {'and', [true, true]}, {'or', [true, false]}, {'xor', [true, true]}, {'++', ["a", "b"]}, {'--', ["ab", "a"]}, {'!', [S, x]}, {binary_to_term, [<<131, 80, 1, 2>>]}].

binary_calls() ->
    C = fun() -> binary:compile_pattern([<<"b">>, <<"cd">>]) end,
    Bin = <<"abcdabcd">>,
    [{at, [Bin, 1]}, {compile_pattern, [[<<"a">>, <<"b">>]]}, {compile_pattern, [[]]}, {compile_pattern, [<<>>]}, {copy, [Bin]}, {copy, [Bin, 2]},
     {decode_unsigned, [Bin, little]}, {encode_unsigned, [1000, big]}, {first, [Bin]}, {first, [<<>>]}, {last, [Bin]}, {last, [<<>>]},
     {list_to_bin, [[1]]}, {longest_common_prefix, [[Bin, <<"abx">>]]}, {longest_common_suffix, [[Bin, <<"xcd">>]]}, {longest_common_prefix, [[]]},
     {match, [Bin, C]}, {match, [Bin, C, [{scope, {1, 3}}]]}, {match, [Bin, <<"c">>, [{scope, {8, -4}}]]}, {match, [Bin, <<"c">>, [{scope, {9, 1}}]]}, {match, [Bin, <<>>]},
     {matches, [Bin, C]}, {matches, [Bin, <<"d">>, [{scope, {0, 5}}]]}, {part, [Bin, {1, 2}]}, {part, [Bin, 1, 2]}, {part, [Bin, 8, -9]}, {part, [Bin, 8, 1]},
     {referenced_byte_size, [Bin]}, {split, [Bin, C]}, {split, [Bin, <<"c">>, [global, trim_all]]}, {split, [Bin, C, [{scope, {0, 4}}, trim]]},
     {replace, [Bin, <<"c">>, <<"X">>]}, {replace, [Bin, C, <<"X">>, [global, {insert_replaced, 1}]]}, {bin_to_list, [Bin]}, {bin_to_list, [Bin, 1, 2]}, {bin_to_list, [Bin, {1, 20}]}].

re_calls() ->
    C = fun() -> {ok, R} = re:compile("(a)(?<n>b)?"), R end,
    [{run, ["xab", C]}, {run, ["xab", "(a", []]}, {run, ["xab", C, [global, {capture, all, list}]]}, {run, ["xab", C, [{capture, [n, 1], binary}]]},
     {run, ["xab", C, [{capture, [zz], binary}]]}, {run, ["xab", "a", [caseless, unicode]]},
     {run, [<<255>>, "a", [unicode]]}, {run, ["xab", "a", [notempty, notbol, noteol, anchored, {newline, crlf}]]},
     {run, ["xab", "a", [{newline, foo}]]}, {inspect, [C, namelist]}, {inspect, [C, x]}].

unicode_calls() ->
    [{characters_to_binary, ["abc", utf8, utf16]}, {characters_to_binary, [<<255>>, utf8, latin1]}, {characters_to_binary, [[16#400], utf8, latin1]}, {characters_to_list, [<<"abc">>, utf8]}, {characters_to_list, [<<"abc", 200>>, utf8]},
     {characters_to_list, [[1, 16#d800], unicode]}, {characters_to_binary, ["abc", {utf16, little}, {utf32, big}]}, {characters_to_nfc_list, ["abc"]}, {bin_is_7bit, [<<"abc">>]}, {characters_to_binary, [[<<"ab">>, -1], utf8]}].

atomics_calls() ->
    A = fun() -> atomics:new(3, []) end,
    [{new, [3, [{signed, true}]]}, {get, [A, 1]}, {put, [A, 3, 5]}, {add, [A, 1, 5]}, {add_get, [A, 1, 5]}, {exchange, [A, 1, 5]}, {compare_exchange, [A, 1, 0, 5]},
     {get, [A, 4]}, {put, [A, 1, 1 bsl 63]}, {info, [A]}].

maps_calls() ->
    M = #{a => 1, b => 2},
    [{get, [a, M]}, {get, [z, M]}, {find, [a, M]}, {put, [c, 3, M]}, {remove, [a, M]}, {take, [a, M]}, {update, [a, 3, M]}, {update, [z, 3, M]}, {merge, [M, M]}, {keys, [M]}, {values, [M]},
     {is_key, [a, M]}, {from_list, [[{a, 1}]]}, {from_keys, [[a, b], 1]}, {from_list, [[{a, 1} | x]]}, {from_list, [[x]]}, {iterator, [M]}, {to_list, [M]}, {next, [fun() -> maps:iterator(#{a => 1}) end]}].

lists_calls() ->
    L = [{a, 1}, {b, 2}],
    [{keyfind, [a, 1, L]}, {keymember, [a, 1, L]}, {keysearch, [a, 1, L]}, {member, [x, L]}, {reverse, [L]}, {reverse, [L, x]}, {keyfind, [a, 0, L]}, {member, [x, [a | b]]}].
