#!/usr/bin/env python3
"""A file of 100 MB from one `sotto` to another through a real `sottod`, beside the same octets over plain HTTPS in the
same run (bench/README.md). Prints seconds and ratios; the file is compared at the end.

Usage: bench/attachments.py [--megabytes N] [--rounds N] [--cuts N]      SOTTO_BUILD names the build
"""

import argparse
import http.server
import pathlib
import shutil
import signal
import ssl
import statistics
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests" / "journeys"))
import support  # noqa: E402

MIB = 1 << 20


class Plain(http.server.BaseHTTPRequestHandler):
    """Gives and takes octets, and writes them to the disk as the other server has to."""
    protocol_version = "HTTP/1.1"
    store = None

    def do_PUT(self):
        left = int(self.headers["Content-Length"])
        with open(self.store, "wb") as out:
            while left:
                part = self.rfile.read(min(left, MIB))
                out.write(part)
                left -= len(part)
            out.flush()
        self.send_response(204)
        self.end_headers()

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", str(self.store.stat().st_size))
        self.end_headers()
        with open(self.store, "rb") as source:
            shutil.copyfileobj(source, self.wfile, MIB)

    def log_message(self, *_):
        pass


def plain_server(folder, certificate, key):
    Plain.store = folder / "plain"
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Plain)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"https://127.0.0.1:{server.server_port}/file"


def timed(action):
    begin = time.monotonic()
    action()
    return time.monotonic() - begin


def curl(*words):
    subprocess.run(["curl", "-sSk", "--fail", *map(str, words)], check=True)


def with_cuts(person, cuts, size, words):
    """Runs a command to its end, killed `cuts` times on the way; the seconds of all attempts together."""
    total = 0.0
    for cut in range(1, cuts + 1):
        begin = time.monotonic()
        process = person.start(*words)

        def far_enough():
            files = person.run("attachments").records
            return process.poll() is not None or (
                files and int(files[-1]["transferred"]) > cut * size // (cuts + 1) or files and files[-1]["state"] == "HERE")
        support.eventually(far_enough)
        if process.poll() is None:
            support.end(process, signal.SIGKILL)
        total += time.monotonic() - begin
    return total + timed(lambda: person.run(*words))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cuts", type=int, default=3)
    options = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="sotto-bench."))
    server = support.Server(folder / "server")
    server.start()
    try:
        alice, bob = (support.Person(folder / name) for name in ("alice", "bob"))
        for person, name in ((alice, "alice"), (bob, "bob")):
            person.register(name, server)
        alice.send("bob", "hello")
        bob.receive()
        size = options.megabytes * 1_000_000
        source = folder / "file.bin"
        with open("/dev/urandom", "rb") as noise:
            source.write_bytes(noise.read(size))
        url = plain_server(folder, server.folder / "certificate.pem", server.folder / "private_key.pem")
        rows = {"plain HTTPS up": [], "attachment up": [], "plain HTTPS down": [], "attachment down": []}
        for number in range(options.rounds):
            rows["plain HTTPS up"].append(timed(lambda: curl("-T", source, url)))
            rows["attachment up"].append(timed(lambda: alice.run("send", "bob", "--attach", source)))
            bob.run("receive", "--wait", support.PATIENCE)
            rows["plain HTTPS down"].append(timed(lambda: curl("-o", folder / "got", url)))
            target = folder / f"got{number}"
            rows["attachment down"].append(timed(lambda: bob.run("download", "alice", "--output", target)))
            assert target.read_bytes() == source.read_bytes()
        for name, seconds in rows.items():
            middle = statistics.median(seconds)
            print(f"{name:18} {middle:7.2f} s  {size / middle / 1e6:7.1f} MB/s  spread {(max(seconds) - min(seconds)) / middle:.0%}")
        for way in ("up", "down"):
            ratio = statistics.median(rows[f"attachment {way}"]) / statistics.median(rows[f"plain HTTPS {way}"])
            print(f"{way}: {ratio:.1f} times the plain transfer")
        alice.run("send", "bob", "--attach", source)
        bob.run("receive", "--wait", support.PATIENCE)
        cut = with_cuts(bob, options.cuts, size, ["download", "alice", "--output", folder / "cut"])
        assert (folder / "cut").read_bytes() == source.read_bytes()
        print(f"download killed {options.cuts} times: {cut:.2f} s in all, equal octets")
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
