#!/usr/bin/env python3
"""Keeps docs/specs/hostile-actors.md true: every test of this folder, and of the journey of a server that lies, stands in
its tables, and nothing else does.

Exit status 1 and one line per difference. In the tables a test is `Name` (TEST and TEST_F, without its suite), `Suite/` (a
parameterised suite) or `test_name` (a journey).
"""

import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
JOURNEY = HERE.parent / "journeys/lying_server_test.py"
TABLE = HERE.parent.parent / "docs/specs/hostile-actors.md"


def main():
    written = set()
    for source in sorted(HERE.glob("*_test.cpp")):
        text = source.read_text(encoding="utf-8")
        written |= set(re.findall(r"^TEST(?:_F)?\(\s*\w+,\s*(\w+)\)", text, re.M))
        written |= {f"{suite}/" for suite in re.findall(r"^TEST_P\(\s*(\w+),", text, re.M)}
    written |= set(re.findall(r"^    def (test_\w+)", JOURNEY.read_text(encoding="utf-8"), re.M))
    rows = [line for line in TABLE.read_text(encoding="utf-8").split("\n") if line.startswith("|")]
    listed = set(re.findall(r"`(\w+/?)`", "\n".join(row.rsplit("|", 2)[1] for row in rows)))
    for name in sorted(written - listed):
        print(f"{name}: a test that {TABLE.name} does not list")
    for name in sorted(listed - written):
        print(f"{name}: listed in {TABLE.name}, and no such test exists")
    return 1 if written != listed or not written else 0


if __name__ == "__main__":
    sys.exit(main())
