%% diff: full
%% prim_file as the code server and the boot code use it.
-module(file_prim).
-export([run/0]).
-include("diff.hrl").

run() ->
    F = "file_prim_tmp", [prim_file:write_file(F, <<"data">>), prim_file:read_file(F),
        element(1, prim_file:read_file_info(F)), prim_file:read_file("no such"),
        begin {ok, H} = prim_file:open(F, [read, binary]),
        R = [prim_file:read(H, 2), prim_file:read(H, 10), prim_file:read(H, 1), prim_file:close(H)],
        R end, prim_file:rename(F, F ++ "2"), prim_file:delete(F ++ "2"),
        prim_file:delete(F ++ "2"), prim_file:make_dir("fp_d"), prim_file:list_dir("fp_d"),
        prim_file:list_dir_all("fp_d"), prim_file:del_dir("fp_d"), prim_file:list_dir("fp_d"),
        element(1, prim_file:get_cwd()), ?TRY(prim_file:read_file(?ID(1))),
        prim_file:read_file("a\0b"), prim_file:read_file([1 bsl 20]),
        erl_prim_loader:get_file("no_file") , element(1, erl_prim_loader:read_file_info("/usr"))]
        ++ [filelib:is_dir("/usr"), filelib:last_modified("/no") , file:native_name_encoding()].
