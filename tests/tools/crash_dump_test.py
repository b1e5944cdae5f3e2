#!/usr/bin/env python3
"""halt with a slogan: the same words and exit code as the stock VM, and a crash dump that the stock
VM's crashdump_viewer reads back, term for term. (The viewer is compiled from Debian's erlang-src;
its package would bring a graphical toolkit.)

  tests/tools/crash_dump_test.py BUILD_FOLDER [--stock /usr/bin/erl]
"""
import glob
import os
import subprocess
import sys
import tempfile

build = os.path.abspath(sys.argv[1])
ours = os.path.join(build, "bin", "erl")
stock = sys.argv[3] if len(sys.argv) > 3 else "/usr/bin/erl"
if not os.access(stock, os.X_OK):
    print("no stock erl at", stock)
    sys.exit(77)

TERM = ('{hello,1.5,#{a=>1,{b,"x"}=>[c|d]},1 bsl 90,-(1 bsl 70),<<1,2,3>>,<<5:3>>,binary:copy(<<7>>,200),'
        'maps:from_list([{I,I*I}||I<-lists:seq(1,50)]),fun lists:map/2,\'odd atom\'}')
CRASH = ("register(holder, spawn(fun() -> put(key, {value, %s}), self() ! %s, self() ! last, "
         "receive never -> ok end end)), T = ets:new(crash_table, [named_table]), ets:insert(T, {a, 1}), "
         "timer:sleep(100), halt(\"a slogan\")." % (TERM, TERM))
# Reads the dump of its argument; the dictionary's entry comes back as {Key, Value}.
READ = r'''
-module(read_dump).
-export([main/1]).
main([File]) ->
  crashdump_viewer:start_link(),
  crashdump_viewer:read_file(File),
  wait(100),
  {ok, Info, _} = crashdump_viewer:general_info(),
  "a slogan" = element(3, Info),
  {ok, Processes, _} = crashdump_viewer:processes(),
  [Pid] = [element(2, P) || P <- Processes, lists:member("holder", tuple_to_list(P))],
  {ok, Details, _} = crashdump_viewer:proc_details(pid_to_list(Pid)),
  Wanted = fix(%s),
  All = tuple_to_list(Details),
  [_] = [x || L <- All, is_list(L), {M, _} <- L, M =:= Wanted],
  [_] = [x || L <- All, is_list(L), {key, {value, V}} <- L, V =:= Wanted],
  {ok, Tables, _} = crashdump_viewer:ets_tables(all),
  [_] = [x || T <- Tables, lists:member("crash_table", tuple_to_list(T))],
  {ok, Modules, _} = crashdump_viewer:loaded_modules(),
  true = length(Modules) > 50,
  io:format("read back~n").
%% Reference-counted binaries come back as where they stand in the file.
fix(T) -> setelement(6, setelement(8, T, 0), 0).
wait(0) -> exit(timeout);
wait(N) -> case catch crashdump_viewer:processes() of {ok, _, _} -> ok; _ -> timer:sleep(100), wait(N - 1) end.
'''


def run(command, folder, **variables):
    environment = dict(os.environ, **variables)
    done = subprocess.run(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)
    return done.returncode, done.stdout


failures = 0


def check(name, fine, detail=""):
    global failures
    if not fine:
        failures += 1
        print("FAIL", name, detail)


with tempfile.TemporaryDirectory() as work:
    def crash(**variables):
        results = []
        for erl, folder in ((stock, "stock"), (ours, "ours")):
            path = os.path.join(work, folder)
            os.makedirs(path, exist_ok=True)
            for f in os.listdir(path):
                os.unlink(os.path.join(path, f))
            code, text = run([erl, "-noshell", "-eval", CRASH], path, **variables)
            files = {f: os.path.getsize(os.path.join(path, f)) for f in os.listdir(path)}
            results.append((code, text, files))
        return results

    s, o = crash()
    check("words and exit code", s[:2] == o[:2], (s[:2], o[:2]))
    check("file name", list(o[2]) == ["erl_crash.dump"], o[2])
    s, o = crash(ERL_CRASH_DUMP_SECONDS="0")
    check("SECONDS=0", s == o and not o[2], (s, o))
    s, o = crash(ERL_CRASH_DUMP_BYTES="0")
    check("BYTES=0", s[2] == o[2] == {}, (s, o))
    s, o = crash(ERL_CRASH_DUMP_BYTES="5000")
    check("BYTES=5000", 0 < o[2]["erl_crash.dump"] < 5100, o)
    s, o = crash(ERL_CRASH_DUMP="other.dump")
    check("another name", s[:2] == o[:2] and list(o[2]) == ["other.dump"], (s, o))

    # The viewer parses the binary as it stands; both sides leave the shared one out.
    with open(os.path.join(work, "read_dump.erl"), "w") as f:
        f.write((READ % TERM).replace("M =:= Wanted", "same(M, Wanted)").replace("V =:= Wanted", "same(V, Wanted)")
                + "same(M, Wanted) -> is_tuple(M) andalso tuple_size(M) =:= tuple_size(Wanted) "
                  "andalso fix(M) =:= Wanted.\n")
    with open(os.path.join(work, "observer_lib.erl"), "w") as f:
        f.write("-module(observer_lib).\n-export([report_progress/1]).\nreport_progress(_) -> ok.\n")
    root = subprocess.run([stock, "-noshell", "-eval", "io:put_chars(code:root_dir()), halt()."],
                          stdout=subprocess.PIPE, text=True, timeout=60).stdout
    viewer = glob.glob(os.path.join(root, "lib/observer-*/src/crashdump_viewer.erl"))
    code, text = run([os.path.join(os.path.dirname(stock), "erlc"), "read_dump.erl", "observer_lib.erl"] + viewer,
                     work)
    check("compile the reader", code == 0, text)
    code, text = run([stock, "-noshell", "-run", "read_dump", "main",
                      os.path.join(work, "ours", "other.dump"), "-s", "erlang", "halt"], work)
    check("read back", text.endswith(b"read back\n"), text.decode(errors="replace"))

print("crash dumps:", "ok" if failures == 0 else f"{failures} failures")
sys.exit(1 if failures else 0)
