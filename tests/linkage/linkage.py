#!/usr/bin/env python3
"""Reads the symbols of what was built and proves what ARCHITECTURE.md claims about linking.

Usage: linkage.py BUILD_DIR [--exports]
  default     per-module archives: pure cores use no thread, clock, file or randomness; OpenSSL stays behind its wall;
              nothing of the server, the finished sottod included, contains the session layer; sotto-audit contains nothing
              of session, client, server, RocksDB and SQLCipher; no program and no module contains the simulator's modelled
              primitives; sotto-media contains nothing of ours but decoders, and no other program contains a decoder
  --exports   the programs export no OpenSSL symbol that another library could bind to
"""

import pathlib
import re
import subprocess
import sys

PURE = ("session", "padding", "prekeys", "attachments", "picture_metadata", "identity", "transparency", "linking", "verification", "recovery", "groups", "families", "wire", "audit")
NOT_IN_AUDITOR = ("session", "prekeys", "client", "client_store", "client_runtime", "storage", "transparency_log", "directory",
                  "relay", "server", "linking", "verification")
SERVER = ("relay", "blobs", "directory", "accounts", "server")
# sotto-media meets octets of strangers: nothing of value is in reach, and nobody else meets them.
IN_MEDIA = ("media_protocol", "media_decoder", "bytes", "clock", "result")
PICTURE_LIBRARIES = re.compile(r"NEEDED.*\[(lib(?:png|jpeg|webp|gif|heif|de265)\S*)\]")
IMPURE_SYMBOLS = re.compile(
    r"^(pthread_create|pthread_mutex_lock|clock_gettime|gettimeofday|time|fopen|fopen64|open|open64|getrandom|socket|read|write"
    r"|_ZNSt6chrono.*now|_ZNSt13random_device.*|_ZN5boost4asio.*|_ZN7rocksdb.*)(@.*)?$")
# tests/simulation/modelled/marker.h
MODELLED_PRIMITIVES = "sotto_modelled_primitives"
OPENSSL_SYMBOLS = re.compile(r"^(EVP|SSL|BIO|RAND|OPENSSL|CRYPTO|ERR|EC|BN|X509|PEM|OSSL|HMAC|KDF)_\w+$")


def nm(path, *options):
    out = subprocess.run(["nm", *options, str(path)], capture_output=True, text=True, check=False)
    names = set()
    for line in out.stdout.splitlines():
        fields = line.split()
        if len(fields) >= 2 and not line.endswith(":"):
            names.add(fields[-1].split("@")[0])
    return names


def archive(build, module):
    folder = {"prekeys": "session", "padding": "session", "client_store": "client", "client_runtime": "client"}.get(module, module)
    return build / "src" / folder / f"libsotto_{module}.a"


def needs(build, module):
    return nm(archive(build, module), "--undefined-only")


def check_modules(build):
    for module in PURE:
        for symbol in sorted(needs(build, module)):
            if IMPURE_SYMBOLS.match(symbol):
                yield f"{module} is a pure core but uses {symbol}"
    for path in sorted((build / "src").rglob("libsotto_*.a")):
        module = path.stem.removeprefix("libsotto_")
        if module in ("crypto", "transport", "proto"):
            continue
        for symbol in sorted(nm(path, "--undefined-only")):
            if OPENSSL_SYMBOLS.match(symbol):
                yield f"{module} uses OpenSSL's {symbol}; only crypto and transport may"
    session = functions_of(build, "session")
    if not session:
        yield "libsotto_session.a defines no functions: this check would prove nothing"
    for module in SERVER:
        for symbol in sorted(needs(build, module) & session):
            yield f"{module} uses {symbol} of the session layer"
    sottod = build / "apps/sottod/sottod"
    if sottod.exists():
        for symbol in sorted(nm(sottod, "--defined-only") & session):
            yield f"sottod contains {symbol} of the session layer"


def functions_of(build, module):
    """Weak symbols are template instances and inline functions that several archives define; strong ones are the module's own."""
    listing = subprocess.run(["nm", "--defined-only", str(archive(build, module))], capture_output=True, text=True,
                             check=True).stdout
    return {line.split()[-1] for line in listing.splitlines() if re.match(r"^[0-9a-f]+ T ", line)}


def check_auditor(build):
    """Who audits has neither keys of accounts nor a database that could be attacked."""
    auditor = build / "apps/sotto_audit/sotto-audit"
    if not auditor.exists():
        return
    defined = nm(auditor, "--defined-only")
    if not functions_of(build, "audit") & defined:
        yield "sotto-audit contains nothing of the audit module: this check would prove nothing"
    for module in NOT_IN_AUDITOR:
        for symbol in sorted(functions_of(build, module) & defined):
            yield f"sotto-audit contains {symbol} of {module}"
    for symbol in sorted(defined | nm(auditor, "--undefined-only")):
        if re.match(r"^(sqlite3_\w+|_ZN7rocksdb.*)$", symbol):
            yield f"sotto-audit contains {symbol}"
    needed = subprocess.run(["readelf", "-d", str(auditor)], capture_output=True, text=True, check=True).stdout
    for library in re.findall(r"NEEDED.*\[(.*(?:rocksdb|sqlcipher|sqlite|curl).*)\]", needed):
        yield f"sotto-audit is linked with {library}"


def needed_libraries(program):
    return subprocess.run(["readelf", "-d", str(program)], capture_output=True, text=True, check=True).stdout


def check_media(build):
    media = build / "apps/sotto/sotto-media"
    if not media.exists():
        return
    defined = nm(media, "--defined-only")
    if not functions_of(build, "media_decoder") & defined or not PICTURE_LIBRARIES.search(needed_libraries(media)):
        yield "sotto-media contains no decoder: this check would prove nothing"
    for path in sorted((build / "src").rglob("libsotto_*.a")):
        module = path.stem.removeprefix("libsotto_")
        if module in IN_MEDIA or module == "proto":
            continue
        listing = subprocess.run(["nm", "--defined-only", str(path)], capture_output=True, text=True, check=True).stdout
        strong = {line.split()[-1] for line in listing.splitlines() if re.match(r"^[0-9a-f]+ T ", line)}
        for symbol in sorted(strong & defined):
            yield f"sotto-media contains {symbol} of {module}"
    for library in re.findall(r"NEEDED.*\[(.*(?:ssl|crypto|curl|sqlite|sqlcipher|rocksdb|protobuf).*)\]",
                              needed_libraries(media)):
        yield f"sotto-media is linked with {library}"
    for name in ("sotto/sotto", "sottod/sottod", "sotto_audit/sotto-audit"):
        program = build / "apps" / name
        if not program.exists():
            continue
        for library in PICTURE_LIBRARIES.findall(needed_libraries(program)):
            yield f"{program.name} is linked with {library}"
        for symbol in sorted(functions_of(build, "media_decoder") & nm(program, "--defined-only")):
            yield f"{program.name} contains {symbol} of media_decoder"


def check_modelled(build):
    programs = [path for path in (build / "apps").glob("*/*") if path.is_file() and path.stat().st_mode & 0o111]
    for path in programs + sorted((build / "src").rglob("libsotto_*.a")):
        if MODELLED_PRIMITIVES in nm(path, "--defined-only"):
            yield f"{path.name} contains primitives that keep no secrets"
    simulator = build / "tests/simulation/simulate_modelled"
    if simulator.exists() and MODELLED_PRIMITIVES not in nm(simulator, "--defined-only"):
        yield f"{simulator.name} does not contain {MODELLED_PRIMITIVES}: this check would prove nothing"


def check_exports(build):
    programs = [build / "apps/sottod/sottod", build / "apps/sotto/sotto", build / "apps/sotto_audit/sotto-audit"]
    for program in programs:
        if not program.exists():
            yield f"{program} was not built"
            continue
        for symbol in sorted(nm(program, "-D", "--defined-only")):
            if OPENSSL_SYMBOLS.match(symbol):
                yield f"{program.name} exports {symbol}"


def main():
    build = pathlib.Path(sys.argv[1])
    found = list(check_exports(build) if "--exports" in sys.argv else [*check_modules(build), *check_auditor(build), *check_media(build),
                                                                      *check_modelled(build)])
    print("\n".join(found) if found else "linkage as documented")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
