#!/usr/bin/env python3
"""Checks that includes follow ARCHITECTURE.md: arrows go down only, third-party headers stay behind their module.

Usage: tools/layers.py [--self-test]     exit status 1 and one line per violation, 0 when there is none
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

# module -> modules it may include besides itself and layer 0
LAYER0 = {"result", "bytes", "clock", "log"}
ALLOWED = {
    "result": set(),
    "bytes": {"result"},
    "clock": set(),
    "log": set(),
    "crypto": set(),
    "wire": set(),
    "qr": set(),
    "identity": {"crypto", "wire"},
    "session": {"crypto", "wire", "identity"},
    "attachments": {"crypto", "wire", "session/padding.h"},
    "picture_metadata": set(),
    "transparency": {"crypto", "wire", "identity"},
    "linking": {"crypto", "wire", "identity"},
    "verification": {"crypto", "wire", "identity"},
    "recovery": {"crypto", "identity"},
    "groups": {"crypto", "identity"},
    "families": {"crypto", "identity"},
    "storage": set(),
    "transparency_log": {"crypto", "identity", "transparency", "storage"},
    "transport": {"crypto"},
    "gateway": {"crypto", "wire", "identity", "storage"},
    "media": set(),
    "media_decoder": {"media"},
    "accounts": {"crypto", "wire", "identity", "storage"},
    "directory": {"crypto", "wire", "identity", "transparency", "transparency_log", "storage", "session/prekey_batch.h",
                  "session/limits.h"},
    "relay": {"crypto", "wire", "identity", "storage"},
    "blobs": {"crypto", "identity", "storage"},
    "audit": {"crypto", "wire", "identity", "transparency"},
    "client": {"picture_metadata", "crypto", "wire", "identity", "transparency", "session", "attachments", "transport", "linking", "verification", "recovery",
               "groups", "families", "qr", "media"},
    "agent": {"crypto", "transport", "client", "media"},
    "terminal_ui": {"client"},
    "server": {"crypto", "wire", "identity", "transparency", "transparency_log", "storage", "transport", "gateway",
               "accounts", "directory", "relay", "blobs"},
}
# pure cores: no thread, asio, clock, file or library randomness
PURE = {"session", "attachments", "picture_metadata", "identity", "transparency", "linking", "verification", "recovery", "groups", "families", "wire", "audit"}
PURE_FORBIDDEN = re.compile(
    r"^(thread|mutex|shared_mutex|condition_variable|future|atomic|fstream|filesystem|iostream|random|chrono|ctime"
    r"|unistd\.h|sys/.*|boost/.*|log/.*|clock/system.*)$")
# third-party header prefix -> where it may be included (path prefixes below the repository root)
FENCED = {
    "openssl/": ("src/crypto/", "src/transport/", "bench/", "tests/interop/"),
    "rocksdb/": ("src/storage/",),
    "rados/": ("src/storage/",),
    "boost/asio": ("src/transport/", "src/server/", "src/client/runtime", "src/agent/", "apps/", "tests/", "bench/"),
    "boost/beast": ("src/transport/",),
    "qrencode.h": ("src/qr/",),
    "curses.h": ("src/terminal_ui/",),
    "term.h": ("src/terminal_ui/",),
    "sqlite3.h": ("src/client/store/",),
    "spdlog/": ("src/log/",),
    "toml": ("apps/",),
    "curl/": ("src/gateway/", "src/agent/"),
    "prometheus/": ("apps/", "src/server/"),
    # parsers of strangers' files: only where the process that holds them is confined
    "png.h": ("src/media_decoder/",),
    "jpeglib.h": ("src/media_decoder/",),
    "jerror.h": ("src/media_decoder/",),
    "webp/": ("src/media_decoder/",),
    "gif_lib.h": ("src/media_decoder/",),
    "libheif/": ("src/media_decoder/",),
    "libde265/": ("src/media_decoder/",),
    "seccomp.h": ("src/media_decoder/", "tests/media/"),
    "CLI/": ("apps/", "tests/", "bench/"),
}
BANNED_NAMES = {"util", "utils", "common", "helpers", "manager", "base", "misc"}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^">]+)[">]', re.M)


def violations_of(path: str, text: str):
    """Yields one message for each include of `text` (the file at `path`, relative to the root) that breaks a rule."""
    parts = path.split("/")
    module = parts[1] if parts[0] == "src" else None
    is_test = re.search(r"(_test|_fuzz|_bench)\.cpp$|_test_|/testing/", path) is not None
    for style, target in INCLUDE.findall(text):
        for prefix, places in FENCED.items():
            if target.startswith(prefix) and not path.startswith(places):
                yield f"{path}: <{target}> may be included only in {', '.join(places)}"
        if module is None:
            continue
        if module in PURE and not is_test and PURE_FORBIDDEN.match(target):
            yield f"{path}: <{target}>: {module} is a pure core (no thread, clock, file, random or log)"
        first = target.split("/")[0]
        if style == '"' and first in ALLOWED and first != module and first not in LAYER0:
            if first not in ALLOWED[module] and target not in ALLOWED[module]:
                yield f"{path}: module {module} must not include {target}"
        if style == '"' and first in LAYER0 and module in LAYER0 and first != module and first not in ALLOWED[module]:
            yield f"{path}: module {module} must not include {target}"


def check_tree():
    found = []
    for top in ("src", "apps", "tests", "bench"):
        for file in sorted((ROOT / top).rglob("*")):
            relative = file.relative_to(ROOT).as_posix()
            if file.is_dir():
                if file.name in BANNED_NAMES:
                    found.append(f"{relative}: a folder is named by a noun of the domain, not '{file.name}'")
                continue
            if file.suffix not in (".h", ".cpp"):
                continue
            if file.stem in BANNED_NAMES:
                found.append(f"{relative}: a file is named by a noun of the domain, not '{file.stem}'")
            if top == "src" and relative.split("/")[1] not in ALLOWED:
                found.append(f"{relative}: unknown module; name it in tools/layers.py and ARCHITECTURE.md")
                continue
            found.extend(violations_of(relative, file.read_text(encoding="utf-8")))
    return found


def self_test():
    """Each rule must catch a planted violation and let a lawful include pass."""
    planted = [
        ("src/relay/mailbox.h", '#include "session/ratchet.h"'),
        ("src/crypto/hash.h", '#include "wire/decode.h"'),
        ("src/session/ratchet.cpp", "#include <chrono>"),
        ("src/session/ratchet.cpp", "#include <openssl/evp.h>"),
        ("src/client/outbox/queue.cpp", "#include <boost/asio.hpp>"),
        ("src/directory/bundles.cpp", '#include "session/handshake.h"'),
        ("apps/sotto/main.cpp", "#include <rocksdb/db.h>"),
        ("src/bytes/hex.h", '#include "log/log.h"'),
        ("src/transparency/log_view.h", '#include "transparency_log/log.h"'),
        ("src/client/core.cpp", '#include "transparency_log/log.h"'),
        ("src/audit/follower.cpp", '#include "transport/client_connection.h"'),
        ("src/audit/restore.cpp", "#include <fstream>"),
        ("src/client/core.cpp", '#include "media_decoder/formats.h"'),
        ("src/media/sandbox.cpp", "#include <png.h>"),
        ("src/media_decoder/serve.cpp", '#include "crypto/hash.h"'),
    ]
    lawful = [
        ("src/session/ratchet.h", '#include "crypto/hash.h"'),
        ("src/directory/bundles.cpp", '#include "session/prekey_batch.h"'),
        ("src/server/core.h", '#include "relay/mailbox.h"'),
        ("src/crypto/hash.cpp", "#include <openssl/evp.h>"),
    ]
    failures = [f"not caught: {p} {t}" for p, t in planted if not list(violations_of(p, t))]
    failures += [f"wrongly refused: {p} {t}" for p, t in lawful if list(violations_of(p, t))]
    return failures


def main():
    found = self_test() if "--self-test" in sys.argv else check_tree()
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
