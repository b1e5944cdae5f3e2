%% What erts_debug tells of loaded code, and calls that it diverts to the error handler.
-module(debug_code).
-export([run/0, breakpoint/3, local/2, recursive/1]).
-include("diff.hrl").

run() -> [diverted(), bifs(), patterns(), locks(), names(), file()].

breakpoint(M, F, A) -> {diverted, M, F, A}.

diverted() ->
    process_flag(error_handler, ?MODULE),
    One = erts_debug:breakpoint({?MODULE, local, 2}, true),
    There = [local(1, [x]), ?MODULE:local(a, b), apply(?MODULE, local, [1.0, {}]), (fun ?MODULE:local/2)(1, 2)],
    erlang:trace_pattern({?MODULE, local, 2}, true, [call_count]),
    Counted = [local(1, 2), erlang:trace_info({?MODULE, local, 2}, call_count)],
    erlang:trace_pattern({?MODULE, local, 2}, false, [call_count]),
    Still = local(1, 2),
    Off = erts_debug:breakpoint({?MODULE, local, 2}, false),
    Back = [local(3, 4), ?MODULE:local(3, 4)],
    2 = erts_debug:breakpoint({?MODULE, recursive, 1}, true) + erts_debug:breakpoint({?MODULE, recursive, 1}, true),
    Deep = length(lists:usort([recursive(opaque(N)) || N <- lists:seq(1, 5000)])),
    1 = erts_debug:breakpoint({?MODULE, '_', '_'}, false) - erts_debug:breakpoint({?MODULE, '_', '_'}, false) + 1,
    process_flag(error_handler, error_handler),
    {One, There, Counted, Still, Off, Back, Deep, recursive(3)}.

local(A, B) -> {A, B}.
recursive(0) -> [];
recursive(N) -> [N | recursive(N - 1)].

bifs() ->
    erts_debug:breakpoint({erlang, phash2, 1}, true),
    process_flag(error_handler, ?MODULE),
    R = erlang:phash2(opaque(1)),
    process_flag(error_handler, error_handler),
    erts_debug:breakpoint({erlang, phash2, 1}, false),
    {R, erlang:phash2(opaque(1))}.

opaque(X) -> X.

patterns() ->
    [?TRY(erts_debug:breakpoint(What, Flag)) ||
        {What, Flag} <- [{{no_such_module, f, '_'}, true}, {{?MODULE, '_', 3}, true}, {{'_', local, '_'}, true},
                         {{?MODULE, local, 7}, true}, {{?MODULE, local, -1}, false}, {{?MODULE, local, 1 bsl 70}, true},
                         {{?MODULE, local}, true}, {a, true}, {{?MODULE, local, 2}, maybe}, {{?MODULE, local, 2}, false},
                         {{"m", f, 1}, true}]].

locks() ->
    [erts_debug:lcnt_collect(), erts_debug:lcnt_clear(), ?TRY(erts_debug:lcnt_control(mask)),
     ?TRY(erts_debug:lcnt_control(copy_save)), ?TRY(erts_debug:lcnt_control(copy_save, true)),
     ?TRY(erts_debug:lcnt_control(mask, []))].

%% Which there are is each emulator's own.
names() ->
    Names = erts_debug:instructions(),
    Size = erts_debug:interpreter_size(),
    {length(Names) > 100, lists:all(fun io_lib:printable_latin1_list/1, Names), is_integer(Size), Size >= 0,
     [erts_debug:disassemble(A) || A <- [0, 12345, 1 bsl 63, 1 bsl 70]]}.

file() ->
    Name = filename:join(os:getenv("TMPDIR", "/tmp"), "debug_code_" ++ os:getpid()),
    R = {erts_debug:dis_to_file(?MODULE, Name), erts_debug:dis_to_file(no_such_module, Name)},
    _ = file:delete(Name),
    R.
