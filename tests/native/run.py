#!/usr/bin/env python3
"""Runs the probes of this folder on the stock VM and on another one and compares what they print.

  run.py ERL LIBRARY_DIR [PROBE...]

A probe is a module here whose main/1 gets the path of a shared library of the same name.
"""
import difflib
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent


def run(erl, beams, library, probe):
    call = f'{probe}:main(["{library}"])'
    done = subprocess.run([erl, "-noshell", "-pa", beams, "-eval", call], capture_output=True, timeout=120)
    text = (done.stdout + done.stderr).decode("utf-8", "replace")
    text = re.sub(r"(=+ *[A-Z ]*REPORT==== ).*( ===)", r"\1TIME\2", text)
    return text.splitlines() + [f"exit {done.returncode}"]


def main():
    erl, libraries = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
    probes = sys.argv[3:] or sorted(f.stem for f in HERE.glob("*.erl"))
    failed = 0
    with tempfile.TemporaryDirectory() as beams:
        for probe in probes:
            subprocess.run(["erlc", "-o", beams, str(HERE / f"{probe}.erl")], check=True)
            stock = run("erl", beams, libraries / probe, probe)
            ours = run(erl, beams, libraries / probe, probe)
            lines = list(difflib.unified_diff(stock, ours, "stock", erl, lineterm="", n=1))
            if lines:
                failed += 1
                print(f"{probe}: differs; replay: {sys.argv[0]} {erl} {libraries} {probe}")
                print("\n".join(lines[:100]))
            else:
                print(f"{probe}: {len(stock)} lines agree")
    print(f"{len(probes) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
