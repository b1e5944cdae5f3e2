#!/usr/bin/env python3
"""Compares our erlexec with the stock one: the emulator's command line that each makes of the same
words and environment, and whether the emulator then accepts it.

  tests/tools/erlexec_test.py BUILD_FOLDER [--stock /usr/lib/erlang]
"""
import glob
import os
import subprocess
import sys
import tempfile

build = os.path.abspath(sys.argv[1])
stock = sys.argv[3] if len(sys.argv) > 3 else "/usr/lib/erlang"
ours_bin = glob.glob(os.path.join(build, "erts-*", "bin"))[0]
stock_bin = glob.glob(os.path.join(stock, "erts-*", "bin"))[0]
if not os.access(os.path.join(stock_bin, "erlexec"), os.X_OK):
    print("no stock erlexec in", stock_bin)
    sys.exit(77)

work = tempfile.mkdtemp()
FILES = {
    "plain": "-pa here +P 4000\n-name 'a b' # comment\n \"x # y\" z\\ z -s a b\n",
    "nested": "-first 1\n-args_file plain\n-last 2",
    "extra": "+S 1\n-flag\n-extra one two",
    "empty": "",
    "comment": "# nothing here",
}
for name, text in FILES.items():
    with open(os.path.join(work, name), "w") as f:
        f.write(text)

# (words, environment)
LINES = [
    ([], {}),
    (["-noshell", "-eval", "halt()."], {}),
    (["-noinput", "-s", "erlang", "halt"], {}),
    (["-detached", "-run", "m", "f", "a"], {}),
    (["-boot", "start_sasl", "-boot_var", "X", "/y", "-config", "sys", "-mode", "embedded"], {}),
    (["-pa", "a", "b", "-pz", "c", "--", "plain", "words"], {}),
    (["-extra", "-noinput", "+P", "1"], {}),
    (["-extra"], {}),
    (["a", "-extra", "-extra", "-args_file", "nothing"], {}),
    (["-env", "LINTEL_TEST", "yes", "-foo"], {}),
    (["-env", "ONE"], {}),
    (["-env"], {}),
    (["-env", "--", "x"], {}),
    (["-args_file", "plain"], {}),
    (["-a", "-args_file", "nested", "-b"], {}),
    (["-args_file", "extra", "-then"], {}),
    (["-args_file", "extra", "-extra", "three"], {}),
    (["-args_file", "empty"], {}),
    (["-args_file", "comment", "x"], {}),
    (["-args_file", "absent"], {}),
    (["-args_file"], {}),
    (["-configfd", "0"], {}),
    (["-configfd", "3"], {}),
    (["-configfd"], {}),
    (["-make"], {}),
    (["-make", "-x", "-extra", "y"], {}),
    (["-compile", "foo"], {}),
    (["-nohup", "-hidden", "-keep_window"], {}),
    (["-sname", "n", "-start_epmd", "false"], {}),
    (["-name", "n@h", "-start_epmd", "false", "-setcookie", "c"], {}),
    (["-name"], {}),
    (["-sname", "--"], {}),
    (["-start_epmd", "maybe"], {}),
    (["-no_epmd"], {}),
    (["-no_epmd", "-proto_dist", "inet6_tcp", "-sname", "n"], {}),
    (["-proto_dist"], {}),
    (["-smp", "enable"], {}), (["-smp", "auto", "x"], {}), (["-smp"], {}),
    (["-smp", "disable"], {}), (["-smpdisable"], {}), (["-smpenable"], {}),
    (["-emu_flavor", "smp"], {}), (["-emu_type", "opt"], {}), (["-emu_type"], {}),
    (["-version"], {}),
    (["-x", "-heart", "-instr", "-loader", "inet"], {}),
    (["", "-", "+"], {}),
    (["word", "-flag", "value with blank", "--", "-flag"], {}),
    (["-s", "b"], {"ERL_AFLAGS": "-s a", "ERL_FLAGS": "-s c", "ERL_ZFLAGS": "-s d"}),
    (["-s", "b"], {"ERL_FLAGS": "+P 5000 -extra c d"}),
    (["-s", "b", "-extra", "e"], {"ERL_AFLAGS": "-extra a", "ERL_ZFLAGS": "-extra z"}),
    ([], {"ERL_FLAGS": "-s c"}),
    ([], {"ERL_AFLAGS": "", "ERL_FLAGS": "  "}),
    (["-s", "b"], {"ERL_FLAGS": "-a 'it is' \"so # so\" b\\ c # d"}),
    (["-s", "b"], {"ERL_FLAGS": "-args_file plain -z"}),
    (["-s", "b"], {"ERL_FLAGS": "'unclosed word"}),
    (["-s", "b"], {"ERL_FLAGS": "'' a''b end\\"}),
    (["-s", "b"], {"ERL_OTP25_FLAGS": "-first"}),
    (["-s", "b"], {"ERL_EPMD_PORT": "4370"}),
    (["-s", "b"], {"HOME": None}),
    (["-s", "b"], {"PROGNAME": None, "EMU": None}),
    (["+P", "4096", "+Q", "4096", "+S", "2:1", "+A", "10", "+K", "true", "-s", "x"], {}),
    (["+P"], {}), (["+P", "--"], {}), (["+P4096", "x"], {}),
    (["+SDio", "3", "+SDcpu", "1:1", "+SP", "50", "+SDPcpu", "50:50"], {}),
    (["+S1", "+A0", "+sbtu", "+sbt", "db", "+sbwt", "none", "+swt", "low", "+sub", "true"], {}),
    (["+sbwtdcpu", "none", "+sbwtdio", "none", "+swtdcpu", "low", "+swtdio", "low", "+sws", "default"], {}),
    (["+sss", "100", "+sssdcpu", "100", "+sssdio", "100", "+spp", "true", "+scl", "false", "+sfwi", "10"], {}),
    (["+B", "i", "x"], {}), (["+B", "x"], {}), (["+Bc", "i"], {}), (["+Bd"], {}), (["+B"], {}),
    (["+c", "true", "x"], {}), (["+c", "x"], {}), (["+c", "false"], {}),
    (["+C", "multi_time_warp", "+pc", "unicode", "+fnu", "+W", "w", "+T", "2", "+R", "25"], {}),
    (["+hms", "300", "+hmbs", "400", "+hmax", "0", "+hmaxk", "true", "+hmaxel", "true", "+hpds", "20",
      "+hmqd", "off_heap", "+h", "233"], {}),
    (["+zdbbl", "100", "+zdntgc", "10", "+zebwt", "short", "+zosrl", "10", "+rg", "3", "+r"], {}),
    (["+MBas", "aoffcbf", "+Mea", "min", "+MMscs", "100", "+Muacul", "de", "+Mim", "true"], {}),
    (["+IOt", "1", "+IOp", "1", "+IOPt", "50", "+IOPp", "50", "+IOs", "true"], {}),
    (["+L", "+d", "+ec", "+e", "100", "+n", "d", "+t", "100000", "+a", "20", "+i", "init"], {}),
    (["+JPperf", "true", "+JDdump", "false"], {}),
]

# Words for the emulator: what the stock one refuses, ours must, and the other way round.
RUNS = """+K true|+foo|+x|+R 25|+R 3|+nd|+n d|+n x|+rg 3|+MYm foo|+Mfoo|+Mea min|+S 8|+S 2:3|+S :1|
+S x|+S 1000000|+sfoo|+z|+L|+P legacy|+P 10|+P x|+P 2000|+B x|+Bq|+Bi|+T 2|+T 20|+IOt 1|+IOx 1|
+IOPp 50|+e 10|+ec|+t 100|+t 100000|+a 10|+a 20|+sbt db|+sbtdb|+sbtu|+sbt foo|+c|+c true|+cfoo|
+fnu|+fnz|+fnai|+hmaxk no|+hmaxk true|+h 300|+h x|+sub true|+scl false|+scl x|+SDio 3|+SDio 0|
+SDcpu 1:1|+SDcpu 1:2|+SP 50:50|+SP 50|+SP x|+A 0|+A 2000|+pc unicode|+pc x|+px|+W x|+W w|
+zdbbl 10|+zfoo 1|+zebwt none|+C foo|+Q 100|+Q 2000|+sbwt none|+sbwt foo|+swt low|+swt foo|+d|
+hpds 3|+hmqd x|+hmqd on_heap|+hms 1000|+hms x|+JPperf false|+spp x|+sws legacy|+sss 100|+sss 1|
+Bd|+H|+V|-version|+v""".replace("\n", "").split("|")


def run(erts_bin, words, env, extra=()):
    e = {"HOME": "/home/x", "PATH": "/usr/bin:/bin", "ROOTDIR": stock, "BINDIR": erts_bin,
         "EMU": "beam", "PROGNAME": "erl"}
    for k, v in env.items():
        if v is None:
            e.pop(k, None)
        else:
            e[k] = v
    p = subprocess.run([os.path.join(erts_bin, "erlexec")] + list(extra) + words, env=e, cwd=work,
                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                       timeout=60)
    out = p.stdout.decode(errors="replace").replace(erts_bin, "BINDIR")
    return p.returncode, out, p.stderr.decode(errors="replace").splitlines()[:1]


failed = 0
total = 0


def check(what, wanted, got):
    global failed, total
    total += 1
    if wanted != got:
        failed += 1
        print("FAILED:", what, "\n  stock:", wanted, "\n  ours: ", got)


for words, env in LINES:
    for form in ("-emu_args_exit", "-emu_qouted_cmd_exit"):
        check((words, env), run(stock_bin, words, env, [form]), run(ours_bin, words, env, [form]))

probe = ["-noinput", "-eval", "halt(0)."]
for line in RUNS:
    words = line.split()
    want = run(stock_bin, words + probe, {})
    got = run(ours_bin, words + probe, {})
    check(line, want[:2], got[:2])
    if "V" in line or "version" in line:
        check(line + " (text)", want[2], got[2])

print(f"{total - failed} passed, {failed} failed")
sys.exit(1 if failed else 0)
