#!/usr/bin/env python3
"""Makes releases of a small Mix project on Lintel, with and without its erts, and runs them.

  tests/tools/release_test.py BUILD_FOLDER

The one with erts is moved elsewhere and run without Lintel (or any erl) on the PATH.
Also: the commands reached in other ways than by their place: by PATH, by symbolic links, by a copy
of the tree, and what erlc and escript start.
"""
import glob
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

build = os.path.abspath(sys.argv[1])
if shutil.which("mix") is None:
    print("mix is not installed")
    sys.exit(77)
erts = glob.glob(os.path.join(build, "erts-*"))[0]
work = os.path.realpath(tempfile.mkdtemp())
with_lintel = dict(os.environ, PATH=os.path.join(build, "bin") + ":/usr/bin:/bin", LANG="C.UTF-8",
                   HOME=work, MIX_ENV="prod")
failed = total = 0


def run(words, env=with_lintel, cwd=work, timeout=180):
    try:
        p = subprocess.run(words, env=env, cwd=cwd, timeout=timeout, stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return p.returncode, p.stdout.decode(errors="replace")
    except subprocess.TimeoutExpired as e:
        return "hangs", (e.stdout or b"").decode(errors="replace")


def check(what, got, want):
    """want: exit code, text that must be in the output"""
    global failed, total
    total += 1
    if got[0] != want[0] or want[1] not in got[1]:
        failed += 1
        print("FAILED:", what, "\n  wanted:", want, "\n  got:   ", got)


WHICH = "io:put_chars(erlang:system_info(system_version)), halt()."

# ---- the commands ----
bin_dir = os.path.join(build, "bin")
erl = os.path.join(bin_dir, "erl")
check("by PATH", run(["erl", "-noinput", "-eval", WHICH]), (0, "[lintel-"))
os.symlink(erl, os.path.join(work, "erl_link"))
os.symlink("erl_link", os.path.join(work, "erl_link_link"))
check("symlink", run([os.path.join(work, "erl_link")] + ["-noinput", "-eval", WHICH]), (0, "[lintel-"))
check("relative symlink to a symlink", run(["./erl_link_link", "-noinput", "-eval", WHICH]), (0, "[lintel-"))
for cwd, name in ((bin_dir, "./erl"), (build, "bin/erl"), (os.path.join(erts, "bin"), "./erl"),
                  (erts, "../bin/erl"), (bin_dir, "../bin/./erl")):
    check(name, run([name, "-noinput", "-eval", WHICH], cwd=cwd), (0, "[lintel-"))
os.makedirs(os.path.join(work, "a tree"))
for part in ("bin", os.path.basename(erts)):
    shutil.copytree(os.path.join(build, part), os.path.join(work, "a tree", part), symlinks=True)
check("a copied tree, with a blank in its name",
      run([os.path.join(work, "a tree", "bin", "erl"), "-noinput", "-eval",
           'true = lists:prefix("' + work + '", os:getenv("BINDIR")), ' + WHICH]), (0, "[lintel-"))
check("what the shell starts from inside",
      run(["erl", "-noinput", "-eval", "io:put_chars(os:cmd(\"erl -noinput -eval '" +
           WHICH.replace('"', '\\"') + "'\")), halt()."]), (0, "[lintel-"))
check("another root", run(["erl", "--otp-root=/usr/lib/erlang", "-noinput", "-eval",
                           'io:format("~s~n", [code:root_dir()]), halt().']), (0, "/usr/lib/erlang\n"))
check("this tree as the root", run(["erl", "-noinput", "-eval", 'io:format("~s~n", [code:root_dir()]), halt().'],
                                   env=dict(with_lintel, LINTEL_ROOTDIR=build)), (0, build + "\n"))
with open(os.path.join(work, "which.erl"), "w") as f:
    f.write("-module(which).\n-export([parse_transform/2, main/1]).\n"
            "parse_transform(F, _) -> io:put_chars(erlang:system_info(system_version)), F.\n"
            "main(_) -> io:put_chars(erlang:system_info(system_version)).\n")
with open(os.path.join(work, "used.erl"), "w") as f:
    f.write("-module(used).\n-compile({parse_transform, which}).\n")
with open(os.path.join(work, "script"), "w") as f:
    f.write("#!/usr/bin/env escript\nmain(A) -> io:format(\"~p ~s\", [A, erlang:system_info(system_version)]).\n")
os.chmod(os.path.join(work, "script"), 0o755)
check("erlc", run(["erlc", "which.erl"]), (0, ""))
check("erlc by PATH", run(["erlc", "-pa", ".", "used.erl"]), (0, "[lintel-"))
no_path = dict(with_lintel, PATH="/usr/bin:/bin")
check("erlc by its place", run([os.path.join(bin_dir, "erlc"), "-pa", ".", "used.erl"], env=no_path), (0, "[lintel-"))
check("erlc of a bad file", run(["erlc", "nosuch.erl"]), (1, "no such file"))
check("escript", run(["./script", "a", "b c"]), (0, '["a","b c"] Erlang'))
check("escript's VM", run(["./script"]), (0, "[lintel-"))
check("escript by its place", run([os.path.join(bin_dir, "escript"), "script"], env=no_path), (0, "[lintel-"))
check("escript of a module", run(["escript", "which.beam"]), (0, "[lintel-"))
check("elixir", run(["elixir", "-e", "IO.puts :erlang.system_info(:system_version)"]), (0, "[lintel-"))
check("an exit code by way of elixir", run(["elixir", "-e", "System.halt(7)"]), (7, ""))
check("an exception by way of elixir", run(["elixir", "-e", "raise \"no\""]), (1, "** (RuntimeError) no"))

# ---- releases ----
check("mix new", run(["mix", "new", "small", "--sup"]), (0, "created successfully"))
app = os.path.join(work, "small")
with open(os.path.join(app, "mix.exs")) as f:
    mix = f.read()
mix = mix.replace("deps: deps()", 'deps: deps(), releases: [without: [include_erts: false], '
                  'within: [include_erts: "' + erts + '"]]')
with open(os.path.join(app, "mix.exs"), "w") as f:
    f.write(mix)
with open(os.path.join(app, "lib", "small", "application.ex")) as f:
    source = f.read()
source = source.replace("children = [", 'IO.puts("up on #{:erlang.system_info(:system_version)}")\n    children = [')
with open(os.path.join(app, "lib", "small", "application.ex"), "w") as f:
    f.write(source)
for name in ("without", "within"):
    check("mix release " + name, run(["mix", "release", name, "--quiet"], cwd=app), (0, ""))
    place = os.path.join(work, "moved_" + name)
    shutil.move(os.path.join(app, "_build", "prod", "rel", name), place)
    env = dict(with_lintel if name == "without" else no_path, RELEASE_DISTRIBUTION="none")
    if name == "within":
        empty = os.path.join(work, "path")  # the tools of a release's script, and no erl
        os.makedirs(empty)
        for tool in ("sh", "cat", "cut", "dirname", "basename", "readlink", "sed", "grep", "mkdir", "date",
                     "dd", "od", "awk", "uname", "ls", "env", "tr", "expr"):
            if shutil.which(tool):
                os.symlink(shutil.which(tool), os.path.join(empty, tool))
        env["PATH"] = empty
    command = os.path.join(place, "bin", name)
    check(name + " version", run([command, "version"], env=env), (0, name + " 0.1.0"))
    check(name + " eval", run([command, "eval", "IO.puts(\"#{1 + 1} #{:erlang.system_info(:otp_release)}\")"], env=env),
          (0, "2 25"))
    check(name + " eval, exit code", run([command, "eval", "System.halt(5)"], env=env), (5, ""))
    p = subprocess.Popen([command, "start"], env=env, cwd=work, stdin=subprocess.DEVNULL,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    first = p.stdout.readline().decode()
    time.sleep(0.5)
    p.send_signal(signal.SIGTERM)
    try:
        p.communicate(timeout=30)
    except subprocess.TimeoutExpired:
        p.kill()
        p.communicate()
    check(name + " start and SIGTERM", (p.returncode, first), (0, "up on Erlang/OTP 25"))
    check(name + " start: which VM", (0, first), (0, "[lintel-"))

shutil.rmtree(work, ignore_errors=True)
print(f"{total - failed} passed, {failed} failed")
sys.exit(1 if failed else 0)
