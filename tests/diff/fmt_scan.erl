%% diff: full
%% io_lib:fread, scan_format, write and character predicates.
-module(fmt_scan).
-export([run/0]).
-include("diff.hrl").

run() ->
    [{F, S, ?TRY(io_lib:fread(F, S))} || {F, S} <- [{"~d", "42"}, {"~d", "-7 rest"}, {"~d", "x"},
        {"~f", "1.5"}, {"~s ~s", "ab cd"}, {"~a", "atom"}, {"~c~c", "xy"}, {"~3c", "abc"},
        {"~16u", "ff"}, {"~d,~d", "1,2"}, {"~d", ""}, {"~*d ~d", "1 2"}, {"~5d", "123456"},
        {"~#", "16#ff"}, {"~l", "abc"}, {"lit ~d", "lit 5"}, {"lit ~d", "lix 5"}, {"~q", "1"}]]
        ++ [io_lib:write(T) || T <- [{a, "b"}, [1.5, <<1>>], #{k => v}, 'x y']]
        ++ [io_lib:write({a, {b, {c, d}}}, 3), io_lib:write_atom('A b'),
        io_lib:write_string("a\"b\n"), io_lib:write_string("é", $'), io_lib:write_char($\n),
        io_lib:write_latin1_string("é"), io_lib:write_string_as_latin1([1000]),
        io_lib:printable_list("abc"), io_lib:printable_list([1]),
        io_lib:printable_unicode_list([1000]), io_lib:printable_latin1_list([233]),
        io_lib:char_list([1 bsl 20]), io_lib:deep_char_list(["a", [$b]]),
        io_lib:latin1_char_list([300]), io_lib:indentation("a\nbc", 0),
        io_lib:quote_atom('a b', []), io_lib:nl(), io_lib:scan_format("~5.2.0f", [1.0]),
        io_lib:unscan_format(io_lib:scan_format("~p~s", [a, "b"])),
        io_lib:limit_term(lists:seq(1, 20), 5), io_lib:format_prompt(x),
        io_lib:chars_length(["ab", [$c]])].
