#!/usr/bin/env python3
"""The include direction between the folders is a test (vm/README.md has the table).

A folder may include its own row and the rows above it in LAYERS; the folders outside vm/ have their
own lists. Includes are root-relative; anything in quotes that is not is refused too.
"""
import pathlib
import re
import sys

LAYERS = [
    {"vm/base", "vm/tables"},
    {"vm/term", "vm/heap"},
    {"vm/etf", "vm/code"},
    {"vm/proc", "vm/ops"},
    {"vm/sched", "vm/ets", "vm/io", "vm/dist", "vm/nif", "vm/diag"},
    {"vm/interp"},
]
UP_TO = lambda n: set().union(*LAYERS[:n])
ALLOWED = {
    "loader": UP_TO(3) | {"loader"},
    "jit": UP_TO(4) | {"jit"},
    "bifs": UP_TO(6) | {"bifs"},
    "otp_stdlib": {"otp_stdlib"},
    "tools": UP_TO(6) | {"loader", "jit", "bifs", "otp_stdlib", "tools"},
    "tests": UP_TO(6) | {"loader", "jit", "bifs", "otp_stdlib", "tools", "tests"},
}
for row, folders in enumerate(LAYERS):
    for folder in folders:
        ALLOWED[folder] = UP_TO(row + 1)

# What everybody may include: the third argument of a system driver's start, and the parser of packets,
# which knows nothing of the VM and which BIFs and drivers must share.
PUBLIC = {"vm/io/sys_driver.h", "vm/io/packet.h"}

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')


def folder_of(path):
    parts = path.split("/")
    return "/".join(parts[:2]) if parts[0] == "vm" else parts[0]


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    bad = []
    checked = 0
    for top in ("vm", "loader", "jit", "bifs", "otp_stdlib", "tools", "tests"):
        for file in sorted((root / top).rglob("*")):
            if file.suffix not in (".h", ".cpp", ".def", ".inc"):
                continue
            name = str(file.relative_to(root))
            allowed = ALLOWED.get(folder_of(name))
            for number, line in enumerate(file.read_text(errors="replace").splitlines(), 1):
                match = INCLUDE.match(line)
                if not match:
                    continue
                checked += 1
                target = match.group(1)
                if not (root / target).exists():
                    bad.append(f"{name}:{number}: {target} is not a path from the root")
                elif target not in PUBLIC and (allowed is None or folder_of(target) not in allowed):
                    bad.append(f"{name}:{number}: {folder_of(name)} may not include {target}")
    print("\n".join(bad))
    print(f"{checked - len(bad)} passed, {len(bad)} failed")
    return 1 if bad or checked == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
