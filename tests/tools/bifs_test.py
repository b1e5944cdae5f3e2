#!/usr/bin/env python3
"""Compares the rows of vm/tables/bifs.def with what the stock VM reports as built in
(erlang:system_info(snifs), erlang:is_builtin/3), and Lintel's own is_builtin/3 with both.

  tests/tools/bifs_test.py BUILD_FOLDER [--stock /usr/bin/erl]
"""
import os
import re
import subprocess
import sys

build = os.path.abspath(sys.argv[1])
stock = sys.argv[3] if len(sys.argv) > 3 else "/usr/bin/erl"
if not os.access(stock, os.X_OK):
    print("no stock erl at", stock)
    sys.exit(77)
top = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
with open(os.path.join(top, "vm", "tables", "bifs.def")) as f:
    rows = re.findall(r'^BIF\("([^"]+)", "([^"]+)", (\d+),', f.read(), re.M)
table = {(m, f, int(a)) for m, f, a in rows}


def erl(program, expression):
    p = subprocess.run([program, "-noinput", "-eval", expression + ", halt(0)."], timeout=60,
                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True)
    return {(m, f, int(a)) for m, f, a in re.findall(r"^(\S+) (\S+) (\d+)$", p.stdout.decode(), re.M)}


quoted = ",".join("{'%s','%s',%d}" % row for row in sorted(table))
is_builtin = ('[io:format("~s ~s ~w~n", [M, F, A]) || {M, F, A} <- [' + quoted +
              '], erlang:is_builtin(M, F, A)]')
wanted = erl(stock, '[io:format("~s ~s ~w~n", [M, F, A]) || {M, F, A} <- erlang:system_info(snifs), '
                    'erlang:is_builtin(M, F, A)]')
failed = 0


def same(what, a, b):
    global failed
    for m, f, n in sorted(a - b):
        failed += 1
        print(f"{what}: {m}:{f}/{n}")


if len(rows) != len(table):
    failed += 1
    print("a row stands twice in bifs.def")
same("stock has it, bifs.def does not", wanted, table)
same("bifs.def has it, stock does not", table, erl(stock, is_builtin))
absent = subprocess.run([os.path.join(build, "bin", "erl"), "--bifs", "-noshell"], stdin=subprocess.DEVNULL,
                        stdout=subprocess.PIPE, timeout=60, check=True).stdout.decode()
absent = {(m, f, int(a)) for m, f, a in re.findall(r"^([^:\s]+):(\S+)/(\d+)$", absent, re.M)}
ours = erl(os.path.join(build, "bin", "erl"), is_builtin)
same("defined, but is_builtin/3 says false", table - absent, ours)
print(f"{len(table)} rows, {len(absent)} not defined, {failed} failed")
sys.exit(1 if failed else 0)
