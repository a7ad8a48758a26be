#!/usr/bin/env python3
"""Checks the form of every file: clang-format, line and file lengths, include guards, stray words, trailing space.

Usage: tools/tidy.py [--fix]     --fix reformats C++ in place; exit status 1 and one line per finding
"""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
CLANG_FORMAT = "clang-format-19"
MAX_LINE = 120  # clang-format aims at 110; strings and tables may stand out a little
MAX_FILE_LINES = 700
TEXT_SUFFIXES = {".h", ".cpp", ".py", ".md", ".cmake", ".txt", ".proto", ".sh", ".json", ".toml", ".ts", ".tsx", ".css"}


def tracked():
    out = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT,
                         capture_output=True, check=True).stdout
    return [ROOT / name.decode() for name in out.split(b"\0") if name and (ROOT / name.decode()).is_file()]


def check_format(files, fix):
    if not files:
        return []
    mode = ["-i"] if fix else ["--dry-run", "-Werror"]
    found = []
    for start in range(0, len(files), 50):
        run = subprocess.run([CLANG_FORMAT, *mode, *map(str, files[start:start + 50])], cwd=ROOT, capture_output=True,
                             text=True)
        found += sorted({line.split(":")[0].removeprefix(f"{ROOT}/") for line in run.stderr.splitlines()
                         if "-Wclang-format-violations" in line})
    return [f"{name}: not formatted; run tools/tidy.py --fix" for name in found]


def check_text(file):
    name = file.relative_to(ROOT).as_posix()
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        yield f"{name}: not UTF-8"
        return
    lines = text.split("\n")
    code = file.suffix in (".h", ".cpp")
    if file.suffix == ".h" and "#pragma once" not in text:
        yield f"{name}: a header starts with #pragma once"
    if code and len(lines) > MAX_FILE_LINES:
        yield f"{name}: {len(lines)} lines; split it where a second concept lives"
    for number, line in enumerate(lines, 1):
        if line != line.rstrip():
            yield f"{name}:{number}: trailing space"
        if code and len(line) > MAX_LINE:
            yield f"{name}:{number}: {len(line)} columns"
        if code and re.search(r"\b(TODO|FIXME|XXX)\b", line):
            yield f"{name}:{number}: open end; file an issue and name it, or finish it"
    if text and not text.endswith("\n"):
        yield f"{name}: no newline at the end"


def main():
    files = tracked()
    cpp = [f for f in files if f.suffix in (".h", ".cpp")]
    found = check_format(cpp, "--fix" in sys.argv)
    for file in files:
        if file.suffix in TEXT_SUFFIXES and "vectors" not in file.parts:
            found.extend(check_text(file))
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
