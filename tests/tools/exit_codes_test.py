#!/usr/bin/env python3
"""Compares exit codes and last words with the stock VM: halt, init:stop, signals, a crash at boot.

  tests/tools/exit_codes_test.py BUILD_FOLDER [--stock /usr/bin/erl]
"""
import concurrent.futures
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

build = os.path.abspath(sys.argv[1])
ours = os.path.join(build, "bin", "erl")
stock = sys.argv[3] if len(sys.argv) > 3 else "/usr/bin/erl"
if not os.access(stock, os.X_OK):
    print("no stock erl at", stock)
    sys.exit(77)
work = tempfile.mkdtemp()
with open(os.path.join(work, "bad.boot"), "wb") as f:
    f.write(b"this is no boot file")
with open(os.path.join(work, "bad.config"), "w") as f:
    f.write("[{kernel, [oops\n")

E = ["-noshell", "-noinput", "-eval"]
RUNS = [
    E + ["halt()."], E + ["halt(0)."], E + ["halt(3)."], E + ["halt(255)."], E + ["halt(256)."],
    E + ["halt(1000)."], E + ["halt(-1)."], E + ["halt(x)."], E + ["halt(4,[{flush,false}])."],
    E + ["halt(4,[{flush,true}])."], E + ["halt(4,[bad])."], E + ["halt(\"a slogan\")."],
    E + ["halt([339,338,246,32,12507])."], E + ["halt(lists:duplicate(1024,12507) ++ [bad])."],
    E + ["halt([16#d800])."], E + ["halt([16#110000])."],
    E + ["halt(abort)."], E + ["erlang:halt(2,[])."],
    E + ["io:format(\"text before~n\"), halt(5)."],
    E + ["io:put_chars(lists:duplicate(100000,$x)), halt(6)."],
    E + ["spawn(fun() -> halt(7) end), receive after infinity -> ok end."],
    E + ["init:stop()."], E + ["init:stop(0)."], E + ["init:stop(9)."], E + ["init:stop(\"why\")."],
    E + ["init:stop(x)."], E + ["init:stop(-3)."],
    E + ["io:format(\"text~n\"), init:stop(8)."],
    E + ["exit(some)."], E + ["error(some)."], E + ["throw(some)."], E + ["1 = 2."],
    E + ["not an expression"], E + ["nosuch:function()."],
    E + ["exit(whereis(init), kill), timer:sleep(3000)."],
    E + ["exit(whereis(kernel_sup), kill), receive after 3000 -> ok end."],
    E + ["application:stop(kernel), timer:sleep(500), halt(11)."],
    ["-noinput", "-s", "erlang", "halt"], ["-noinput", "-run", "erlang", "halt"],
    ["-noinput", "-s", "init", "stop"], ["-noinput", "-s", "nosuch"], ["-noinput", "-run", "nosuch", "f", "x"],
    ["-noinput", "-s", "erlang", "error"],
    ["-noinput", "-boot", "nosuch"], ["-noinput", "-boot", "bad"], ["-noinput", "-boot"],
    ["-noinput", "-config", "bad"], ["-noinput", "-config", "nosuch"],
    ["-noinput", "-mode", "nosuch", "-s", "init", "stop"],
    ["-noinput", "-pa", "nosuch", "-s", "init", "stop"],
    ["-noinput", "-kernel", "logger_level", "nosuch", "-s", "init", "stop"],
    ["-noinput", "-eval", "error(x)", "-s", "init", "stop"],
    ["-noinput", "-root", "/nosuch"],
    ["-version"], ["+foo"],
]
SIGNALS = ["SIGTERM", "SIGKILL", "SIGABRT", "SIGQUIT", "SIGHUP", "SIGINT", "SIGUSR2"]
SHUTDOWN = [  # (program, signal)
    (["-noinput", "-eval", "io:format(\"up~n\")."], s) for s in SIGNALS
] + [
    (["-noinput", "-eval",
      "process_flag(trap_exit,true), os:set_signal(sigterm,ignore), io:format(\"up~n\"),"
      "receive after 1500 -> halt(12) end."], "SIGTERM"),
    (["-noinput", "+Bi", "-eval", "io:format(\"up~n\"), receive after 1500 -> halt(13) end."], "SIGINT"),
    (["-noinput", "+Bd", "-eval", "io:format(\"up~n\"), receive after 1500 -> halt(13) end."], "SIGINT"),
]
ENV = {"HOME": work, "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "ERL_CRASH_DUMP_BYTES": "0"}


def tidy(text):
    # Process ids, times and paths differ; what is said must not. The first line is enough of a crash.
    text = re.sub(r"<\d+\.\d+\.\d+>", "<pid>", text)
    text = re.sub(r"=+[A-Z ]+=+ .*===", "REPORT", text)
    text = text.split("BREAK:")[0]  # the menu offers different things
    text = re.sub(r"/\S*/beam\.smp", "beam.smp", text)
    return text


def plain(erl, words):
    if "kernel_sup" in words[-1]:
        return subprocess.run([erl] + words, env=ENV, cwd=work, stdin=subprocess.DEVNULL,  # words race
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60).returncode
    try:
        p = subprocess.run([erl] + words, env=ENV, cwd=work, stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
        return p.returncode, tidy(p.stdout.decode(errors="replace"))
    except subprocess.TimeoutExpired:
        return "hangs", ""


def by_signal(erl, words, name):
    p = subprocess.Popen([erl] + words, env=ENV, cwd=work, stdin=subprocess.DEVNULL,
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    line = p.stdout.readline()
    time.sleep(0.3)
    p.send_signal(getattr(signal, name))
    try:
        out, _ = p.communicate(timeout=20)
    except subprocess.TimeoutExpired:
        p.kill()
        p.communicate()
        return "hangs"
    return p.returncode, tidy((line + out).decode(errors="replace"))


failed = total = 0


def check(what, want, got):
    global failed, total
    total += 1
    if want != got:
        failed += 1
        print("FAILED:", what, "\n  stock:", want, "\n  ours: ", got)


only = os.environ.get("ONLY", "")
with concurrent.futures.ThreadPoolExecutor(6) as pool:
    jobs = []
    for words in RUNS:
        if only in " ".join(words):
            jobs.append((words, pool.submit(plain, stock, words), pool.submit(plain, ours, words)))
    for words, name in SHUTDOWN:
        if only in name:
            jobs.append(((words, name), pool.submit(by_signal, stock, words, name),
                         pool.submit(by_signal, ours, words, name)))
    for what, want, got in jobs:
        check(what, want.result(), got.result())
print(f"{total - failed} passed, {failed} failed")
sys.exit(1 if failed else 0)
