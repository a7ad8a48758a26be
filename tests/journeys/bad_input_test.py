#!/usr/bin/env python3
"""Journey: everything that can be wrong from outside, against the real programs.

Hostile octets at each layer of the server's port, damaged, missing and read-only files, full disks, absent servers,
unusable arguments. Checked each time: nobody dies of a signal, what is said names the cause and what to do next, others
are served as before, and nothing that was acknowledged is lost. Standard library only.
"""

import os
import shutil
import socket
import ssl
import struct
import subprocess
import time

import disks
from disks import Disk, can_mount
from support import SOTTO, SOTTOD, Journey, Person, Server, behind_proxy, end, read_line, run_program

QUIET_SERVER = 'metrics = "off"\nlog_level = "warning"\n'
MAX_FRAME = 64 << 10  # docs/specs/stream.md 1: from a client that has not said who it is
HTTP_PATIENCE = 10  # docs/specs/transport.md 5: seconds for a request
BINARY, TEXT, CLOSE, PING, PONG = 2, 1, 8, 9, 10
UPGRADE = (
    b"GET /v1/stream HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


def expect(condition, what):
    if not condition:
        raise AssertionError(what)


def attempt(person, *words):
    return person.run(*words, expect=None)


def says(done, status, *parts):
    """The program ended with this status and its complaint holds every part."""
    for part in parts:
        expect(part.lower() in done.err.lower(), f"{done.arguments}: {part!r} is not in {done.err!r}")
    expect(done.code == status, f"{done.arguments}: status {done.code} instead of {status}: {done.err}")


# --- The server's port -----------------------------------------------------------------------------------------------


def connect(server):
    return socket.create_connection(("127.0.0.1", server.port), timeout=20)


def read_all(peer):
    """What the peer sends until it ends the connection; fails if it does not."""
    octets = b""
    try:
        while chunk := peer.recv(65536):
            octets += chunk
    except (ConnectionError, ssl.SSLError):
        pass
    except TimeoutError:
        raise AssertionError("the server did not close the connection") from None
    return octets


def healthy(server):
    with connect(server) as peer:
        peer.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        expect(read_all(peer).startswith(b"HTTP/1.1 200"), "healthz is not well")
    expect(server.alive, "the server ended")


def frame(kind, payload, masked=True, first=0x80, length=None):
    size = len(payload) if length is None else length
    head = bytes([first | kind])
    flag = 0x80 if masked else 0
    if size < 126:
        head += bytes([flag | size])
    elif size < 65536:
        head += bytes([flag | 126]) + struct.pack(">H", size)
    else:
        head += bytes([flag | 127]) + struct.pack(">Q", size)
    return head + (bytes(4) if masked else b"") + payload  # a mask of zeros changes nothing


class Stream:
    """A WebSocket on /v1/stream of a server behind a proxy."""

    def __init__(self, server):
        self.peer = connect(server)
        self.peer.sendall(UPGRADE)
        self.buffer = b""
        while b"\r\n\r\n" not in self.buffer:
            chunk = self.peer.recv(4096)
            expect(chunk, "the upgrade was refused")
            self.buffer += chunk
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        expect(head.startswith(b"HTTP/1.1 101"), f"no upgrade: {head!r}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.peer.close()

    def send(self, octets):
        self.peer.sendall(octets)

    def take(self, size):
        while len(self.buffer) < size:
            chunk = self.peer.recv(65536)
            if not chunk:
                return None
            self.buffer += chunk
        out, self.buffer = self.buffer[:size], self.buffer[size:]
        return out

    def read(self):
        """The next frame as (kind, payload); None at the end."""
        head = self.take(2)
        if head is None:
            return None
        size = head[1] & 0x7F
        if size == 126:
            size = struct.unpack(">H", self.take(2))[0]
        elif size == 127:
            size = struct.unpack(">Q", self.take(8))[0]
        return head[0] & 0x0F, self.take(size)

    def rest(self):
        frames = []
        try:
            while got := self.read():
                frames.append(got)
        except ConnectionError:
            pass
        except TimeoutError:
            raise AssertionError("the server did not close the stream") from None
        return frames


def hello(version=1, nonce=bytes(32), request=1):
    """ClientFrame {request_id, Hello {version, nonce}}, by hand: field numbers of proto/sotto/v1/stream.proto."""
    inner = bytes([0x08, version, 0x12, len(nonce)]) + nonce
    return bytes([0x08, request, 0x12, len(inner)]) + inner


def greeted(server):
    stream = Stream(server)
    stream.send(frame(BINARY, hello()))
    kind, answer = stream.read()
    expect(kind == BINARY and answer[:3] == bytes([0x08, 0x01, 0x1A]), "no Welcome")
    return stream


def closes_with(server, octets, code):
    with Stream(server) as stream:
        stream.send(octets)
        frames = stream.rest()
        expect(frames and frames[-1][0] == CLOSE, f"no close frame after {octets[:16]!r}")
        got = struct.unpack(">H", frames[-1][1][:2])[0]
        expect(got == code, f"closed with {got} instead of {code} after {octets[:16]!r}")
        return frames


def broken_frames(server):
    """Stream level: WebSocket rules, sizes, frames that do not parse."""
    bystander = greeted(server)
    closes_with(server, frame(BINARY, hello(), masked=False), 1002)
    closes_with(server, frame(BINARY, hello(), first=0xC0), 1002)
    closes_with(server, frame(3, b"reserved"), 1002)
    closes_with(server, frame(PING, bytes(126)), 1002)
    closes_with(server, frame(TEXT, b"hello"), 1003)
    closes_with(server, frame(BINARY, b"", length=MAX_FRAME + 1), 1009)
    closes_with(server, frame(BINARY, b"", length=(1 << 63) - 1), 1009)
    closes_with(server, frame(BINARY, bytes(100), first=0) * 2, 1002)
    frames = closes_with(server, frame(BINARY, b"\xff" * 40), 1002)
    expect(frames[0][1][:1] == b"\x12", "garbage is not answered with an Error without an id")
    frames = closes_with(server, frame(BINARY, hello(version=2)), 1008)
    expect(b"this server speaks version 1" in frames[0][1], "a wrong version is not named")
    closes_with(server, b"".join(frame(BINARY, hello(nonce=b"short", request=i)) for i in range(1, 17)), 1008)
    for length in range(len(hello())):  # cut at each length: an answer or the end, never a Welcome
        with Stream(server) as stream:
            stream.send(frame(BINARY, hello()[:length]) + frame(CLOSE, struct.pack(">H", 1000)))
            for kind, answer in stream.rest():
                expect(kind == CLOSE or answer[2:3] != b"\x1a", f"a Hello cut at {length} was welcomed")
    for octets in (frame(BINARY, hello())[:20], frame(BINARY, hello(), first=0), b"\x82"):
        with Stream(server) as stream:  # the peer vanishes in the middle
            stream.send(octets)
    bystander.send(frame(PING, b"still here?"))
    expect(bystander.read() == (PONG, b"still here?"), "another connection was disturbed")
    bystander.peer.close()
    healthy(server)


def broken_http(server):
    for request in (
        bytes(range(256)) * 8,
        b"GET /healthz HTTP/9.9\r\n\r\n",
        b"GET /healthz\r\n\r\n",
        b"\r\n" * 40_000,
        b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: " + b"y" * 70_000 + b"\r\n\r\n",
        b"POST /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n",
        b"POST /healthz HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        UPGRADE.replace(b"13", b"12"),
        UPGRADE.replace(b"Sec-WebSocket-Key", b"X"),
    ):
        with connect(server) as peer:
            try:
                peer.sendall(request)
                peer.shutdown(socket.SHUT_WR)
            except ConnectionError:
                pass
            answer = read_all(peer)
            expect(not answer.startswith((b"HTTP/1.1 200", b"HTTP/1.1 101")), f"{request[:40]!r} was accepted")
    healthy(server)


def tls_client(version=ssl.TLSVersion.TLSv1_3):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = context.maximum_version = version
    return context


def client_hello():
    out = ssl.MemoryBIO()
    half = tls_client().wrap_bio(ssl.MemoryBIO(), out, server_hostname="localhost")
    try:
        half.do_handshake()
    except ssl.SSLWantReadError:
        return out.read()


def broken_tls(server):
    """What comes instead of TLS, in the middle of it and inside it."""
    for garbage in (b"GET / HTTP/1.1\r\n\r\n", os.urandom(4096), b"\x16\x03\x01\xff\xff" + bytes(70_000), b"\x80" * 10):
        with connect(server) as peer:
            try:
                peer.sendall(garbage)
                peer.shutdown(socket.SHUT_WR)
            except ConnectionError:
                pass
            expect(not read_all(peer).startswith(b"HTTP"), "the server speaks HTTP without TLS")
    greeting = client_hello()
    for length in (1, 5, 6, len(greeting) // 2, len(greeting) - 1):
        with connect(server) as peer:
            peer.sendall(greeting[:length])
            peer.shutdown(socket.SHUT_WR)
            read_all(peer)
    with connect(server) as peer:
        try:
            tls_client(ssl.TLSVersion.TLSv1_2).wrap_socket(peer)
            raise AssertionError("TLS 1.2 was accepted")
        except (ssl.SSLError, ConnectionError):
            pass
    with tls_client().wrap_socket(connect(server)) as peer:
        peer.sendall(os.urandom(4096))
        expect(not read_all(peer).startswith(b"HTTP/1.1 2"), "garbage inside TLS was answered with success")
    with tls_client().wrap_socket(connect(server)) as peer:
        os.write(peer.fileno(), os.urandom(4096))  # beside TLS, after the handshake
        read_all(peer)
    with tls_client().wrap_socket(connect(server)) as peer:
        peer.sendall(UPGRADE)
        expect(read_all(peer).startswith(b"HTTP/1.1 403"), "a stream without a post-quantum group was accepted")
    with tls_client().wrap_socket(connect(server)) as peer:
        peer.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        expect(read_all(peer).startswith(b"HTTP/1.1 200"), "healthz is not well")
    expect(server.alive, "the server ended")


class HalfOpen:
    """Connections that were begun and left; checked later, while other things happen."""

    def __init__(self, proxy, tls):
        self.begun = time.monotonic()
        self.reset = []
        self.held = []
        for number in range(100):
            self.held.append(connect(proxy))
            self.held[-1].sendall(b"GET /healthz HTT"[: number % 16])
            self.held.append(connect(tls))
            self.held[-1].sendall(client_hello()[: number % 50])
        for server in (proxy, tls):
            peer = connect(server)
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            peer.close()  # a reset at once

    def check(self):
        left = self.begun + HTTP_PATIENCE + 5 - time.monotonic()
        for peer in self.held:
            peer.settimeout(max(left, 5))
            read_all(peer)
            peer.close()


# --- The client ------------------------------------------------------------------------------------------------------


def bad_arguments(folder, server, alice):
    says(run_program([SOTTO]), 2)
    says(attempt(alice, "send"), 2, "user")
    says(attempt(alice, "no-such-command"), 2)
    says(attempt(alice, "send", "bob", "x" * 16385), 2, "16 KiB")
    says(attempt(alice, "send", "bob", ""), 2, "no text")
    says(attempt(alice, "send", "bob", os.fsdecode(b"caf\xe9")), 2, "UTF-8")
    says(attempt(alice, "send", os.fsdecode(b"b\xf6b"), "hello"), 2, "name")
    says(attempt(alice, "send", "bob", "--file", folder / "missing"), 2, "missing", "cannot be read")
    says(attempt(alice, "--passphrase-file", folder / "missing", "status"), 2, "missing", "cannot be read")
    says(attempt(alice, "send", "nobody.here", "hello"), 5, "nobody.here", "check the spelling")
    says(attempt(alice, "history", "nobody.else"), 5, "conversations")
    says(attempt(Person(alice.folder, "not this one"), "status"), 4, "passphrase is wrong", "try again")
    says(attempt(Person(folder / "none"), "status"), 3, "sotto register")
    stranger = Person(folder / "stranger")
    says(attempt(stranger, "register", "stranger", "--server", "localhost"), 2, "HOST:PORT")
    says(attempt(stranger, "register", "stranger", "--server", "localhost:99999"), 2, "HOST:PORT")
    says(attempt(stranger, "register", "stranger", "--server", "localhost:1", "--pin", "abc"), 2, "64 hexadecimal")
    says(attempt(stranger, "register", "x", "--server", f"localhost:{server.port}"), 2, "2 to 32")
    says(attempt(stranger, "register", "alice", "--server", f"localhost:{server.port}"), 9, "alice is taken", "another")


def strange_servers(folder, server, proxy):
    """Registering with what is no Sotto server, or not the one that was meant."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nobody = closed.getsockname()[1]
    cases = [
        (f"localhost:{nobody}", [], 7, ("nothing answers", "check the address")),
        (f"localhost:{proxy.port}", [], 7, ("TLS",)),
        ("no-such-host.invalid:7443", [], 7, ("no address", "check the address")),
        (f"localhost:{server.port}", ["--pin", "00" * 32], 9, ("given with --pin", "what sottod prints")),
    ]
    for number, (address, more, status, parts) in enumerate(cases):
        lost = Person(folder / f"lost-{number}")
        done = attempt(lost, "register", "lost", "--server", address, "--wait", "1", *more)
        says(done, status, *parts)


def files_of_the_profile(alice):
    """Damage, then repair: what is wrong is said, and nothing was made worse."""
    before = alice.texts("bob")
    store, key = alice.folder / "store.db", alice.folder / "key"

    def damaged(path, change, status, *parts):
        whole = path.read_bytes()
        path.write_bytes(change(whole))
        changed = path.read_bytes()
        says(attempt(alice, "send", "bob", "must not be lost", "--wait", "1"), status, *parts)
        expect(path.read_bytes() == changed, f"a damaged {path.name} was written to")
        path.write_bytes(whole)

    def flipped(at, count=1):
        return lambda whole: whole[: int(len(whole) * at)] + bytes(
            octet ^ 0x55 for octet in whole[int(len(whole) * at) : int(len(whole) * at) + count]
        ) + whole[int(len(whole) * at) + count :]

    damaged(key, lambda whole: whole[: len(whole) // 2], 1, "key file is damaged", "restore")
    damaged(key, lambda _: b"", 1, "key file is damaged", "restore")
    damaged(key, lambda whole: whole + b"more", 1, "key file is damaged", "restore")
    damaged(key, flipped(0), 1, "key file is damaged", "restore")
    damaged(key, flipped(0.99), 1, "key file is damaged", "restore")
    damaged(store, lambda whole: whole[: len(whole) // 2], 1, "database is damaged", "restore")
    damaged(store, lambda whole: whole[:100], 1, "database is damaged", "restore")
    damaged(store, lambda _: b"", 1, "database is damaged", "restore")
    damaged(store, flipped(0, 16), 1, "database is damaged", "restore")
    damaged(store, lambda whole: whole[:8192] + os.urandom(len(whole) - 8192), 1, "database is damaged", "restore")

    for path, parts in ((key, ("key file is missing", "restore")), (store, ("database is missing", "restore"))):
        away = path.with_suffix(".away")
        path.rename(away)
        says(attempt(alice, "status"), 1, *parts)
        says(attempt(alice, "register", "alice2", "--server", "localhost:1", "--wait", "1"), 1, *parts)
        expect(not path.exists(), f"{path.name} was made anew over a profile that exists")
        away.rename(path)
    expect(alice.texts("bob") == before, "the profile is not what it was")


def damaged_anywhere(alice):
    """One octet of the database changed, wherever: never a crash, never another answer than the true one."""
    store = alice.folder / "store.db"
    whole = store.read_bytes()
    truth = alice.texts("bob")
    for part in range(1, 6):
        at = len(whole) * part // 6
        store.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        done = attempt(alice, "history", "bob")
        if done.code != 0:
            says(done, 1, "database is damaged", "restore")
        else:
            expect(all(text in done.out for text in truth), "a damaged database lost messages in silence")
    store.write_bytes(whole)


def absent_server(server, alice, bob):
    """The message is kept, and arrives once when the server is back."""
    server.stop()
    says(attempt(alice, "send", "bob", "kept for later", "--wait", "1"), 6, "kept", "next connection", "nothing answers")
    says(attempt(alice, "receive", "--wait", "1"), 7, f"localhost:{server.port}", "check the address")
    server.start()
    alice.run("receive")
    bob.run("receive")
    expect(bob.texts("alice").count("kept for later") == 1, "a message that was kept did not arrive once")


def closed_output(alice, bob):
    """A reader that cannot print has read nothing."""
    alice.run("send", "bob", "printed nowhere yet")
    with open("/dev/full", "w") as full:
        run = subprocess.run(
            bob.arguments("receive"), env=bob.environment(), stdout=full, stderr=subprocess.PIPE, text=True, timeout=60
        )
    expect(run.returncode == 1, f"receive into a full device ended with {run.returncode}")
    expect("nothing is marked as read" in run.stderr, f"receive into a full device says {run.stderr}")
    shown = [message["body"] for message in bob.run("receive").records]
    expect(shown == ["printed nowhere yet"], f"after a failed print: {shown}")


# --- The server's files ----------------------------------------------------------------------------------------------


def bad_server_files(folder, server):
    def refused(name, *parts, config=None, more=("run",)):
        data = folder / name
        data.mkdir(exist_ok=True)
        if config is not None:
            (data / "sottod.toml").write_text(config)
        done = run_program([SOTTOD, "--data-dir", data, "--listen", "127.0.0.1:0", *more], seconds=30)
        says(done, 1, *parts)

    says(run_program([SOTTOD, "--data-dir", server.folder, "--listen", "127.0.0.1:0", "run"]), 1, "another process has the database open")
    says(
        run_program([SOTTOD, "--data-dir", folder / "other", "--listen", f"127.0.0.1:{server.port}", "run"]),
        1,
        f"cannot listen on 127.0.0.1:{server.port}",
        "stop the other server",
    )
    refused("c1", "sottod.toml:2: lisen", "no such key", "sottod init", config='metrics = "off"\nlisen = 1\n')
    refused("c2", "sottod.toml:2: limits.max_connections", "whole number", config='[limits]\nmax_connections = "many"\n')
    refused("c3", "sottod.toml:1", config="name = \n")
    refused("c4", "sottod.toml:1: listen", "address:port", config='listen = "nowhere"\n', more=("check-config",))
    refused("c5", "missing.pem", "PEM", config='[tls]\ncertificate = "missing.pem"\nprivate_key = "missing.pem"\n')
    (folder / "c6").mkdir()
    (folder / "c6/bad.pem").write_text("-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n")
    refused("c6", "bad.pem", "PEM", config='[tls]\ncertificate = "bad.pem"\nprivate_key = "bad.pem"\n')
    file = folder / "a-file"
    file.write_text("")
    says(run_program([SOTTOD, "--data-dir", file, "run"]), 1, str(file), "choose another with --data-dir")


def damaged_server_files(folder, server):
    """Every file of a stopped server's data in turn: garbage is refused by name, the original serves again."""
    server.stop()
    copy = folder / "copy"

    def with_damage(name, octets, *parts):
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(server.folder, copy)
        (copy / name).write_bytes(octets)
        done = run_program([SOTTOD, "--data-dir", copy, "--listen", "127.0.0.1:0", "run"], seconds=30)
        says(done, 1, *parts)

    with_damage("identity.key", b"short", "identity.key", "restore")
    with_damage("certificate.pem", b"garbage", "certificate.pem", "PEM")
    database = server.folder / "database"
    manifest = next(database.glob("MANIFEST-*")).relative_to(server.folder)
    with_damage("database/CURRENT", b"garbage\n", "database", "backup")
    with_damage(manifest, os.urandom(200), "database", "backup")
    for table in list(database.glob("*.sst"))[:2]:
        with_damage(table.relative_to(server.folder), os.urandom(table.stat().st_size), "database", "backup")
        with_damage(table.relative_to(server.folder), b"", "database", "backup")
    server.start()
    healthy_tls(server)


def healthy_tls(server):
    with tls_client().wrap_socket(connect(server)) as peer:
        peer.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        expect(read_all(peer).startswith(b"HTTP/1.1 200"), "healthz is not well")


# --- Full and read-only disks -----------------------------------------------------------------------------------------


def full_server_disk(folder):
    """Refused, kept by the sender, and taken when there is space; what was acknowledged is still there."""
    disk = Disk(folder / "server-disk", "16m")  # too small for the space that the database reserves for its log
    server = Server(disk.folder / "data", QUIET_SERVER)
    server.start()
    try:
        refuse_and_recover(folder, disk, server)
    finally:
        server.stop()
    disk.unmount()


def refuse_and_recover(folder, disk, server):
    alice, bob = Person(folder / "alice-small"), Person(folder / "bob-small")
    alice.run("register", "alice", "--server", f"localhost:{server.port}")
    bob.run("register", "bob", "--server", f"localhost:{server.port}")
    alice.run("send", "bob", "acknowledged before")
    disk.fill(leave=96 << 10)
    wanted, kept = ["acknowledged before"], None
    for number in range(20):
        text = f"{number:02d} " + "x" * 16000
        done = attempt(alice, "send", "bob", text, "--wait", "2")
        wanted.append(text)
        if done.code != 0:
            kept = done
            break
    expect(kept is not None, "the server's disk does not get full")
    says(kept, 6, "kept", "next connection")
    healthy_tls(server)
    disk.empty()
    deadline = time.monotonic() + 30
    while int(alice.run("status").records[0]["queued_messages"]) > 0:
        expect(time.monotonic() < deadline, "the server does not recover when there is space again")
        attempt(alice, "receive", "--wait", "5")
    expect(server.stop() == 0, "the server did not stop in order")
    disk.fill()
    done = run_program([SOTTOD, "--data-dir", server.folder, "--listen", f"127.0.0.1:{server.port}", "run"], seconds=30)
    says(done, 1, "space")
    disk.empty()
    server.start()
    bob.run("receive")
    expect(bob.texts("alice") == wanted, "what was sent over a full disk is not all there, once and in order")


def full_client_disk(folder, server, alice):
    disk = Disk(folder / "client-disk")
    carol = Person(disk.folder / "carol")
    disk.fill()
    says(attempt(carol, "register", "carol", "--server", f"localhost:{server.port}"), 1, "disk is full", "free some space")
    disk.empty()
    carol.register("carol", server)
    alice.run("send", "carol", "first")
    carol.run("receive")
    disk.fill()
    for number in range(4):
        alice.run("send", "carol", f"over a full disk {number} " + "y" * 12000)
    says(attempt(carol, "receive"), 1, "disk is full", "free some space")
    says(attempt(carol, "send", "alice", "z" * 16000), 1, "disk is full", "nothing was stored", "free some space")
    disk.empty()
    carol.run("receive")
    texts = [text[:18] for text in carol.texts("alice")]
    expect(texts == ["first"] + ["over a full disk %d" % number for number in range(4)], f"after a full disk: {texts}")
    carol.run("send", "alice", "space again")
    disk.remount("ro")
    says(attempt(carol, "send", "alice", "read-only"), 1, "may not be", "permissions")
    says(attempt(carol, "receive"), 1, "may not be", "permissions")
    disk.remount("rw")
    carol.run("receive")
    alice.run("receive")
    expect(alice.texts("carol")[-1] == "space again", "a full disk cost a message")
    disk.unmount()


def step(function, *arguments):
    began = time.monotonic()
    function(*arguments)
    print(f"  {function.__name__.replace('_', ' ')}: {time.monotonic() - began:.1f} s", flush=True)


class BadInput(Journey):
    """One server, its double behind a proxy, and two people, for all of it: each step leaves them well."""

    def test_everything_bad_is_named_and_survived(self):
        server, folder = self.server, self.folder
        proxy = Server(folder / "proxy", behind_proxy(server.folder / "certificate.pem"))
        proxy.start()
        self.addCleanup(proxy.stop)
        half_open = HalfOpen(proxy, server)
        alice, bob = self.person("alice"), self.person("bob")
        follower = bob.start("receive", "--follow")
        self.addCleanup(follower.kill)
        step(broken_frames, proxy)
        step(broken_http, proxy)
        step(broken_tls, server)
        alice.send("bob", "through all that")
        expect("through all that" in read_line(follower, 30), "a client beside hostile peers got nothing")
        end(follower)
        expect(follower.returncode == 0, "the reader did not end in order")
        step(bad_arguments, folder, server, alice)
        step(strange_servers, folder, server, proxy)
        step(files_of_the_profile, alice)
        step(damaged_anywhere, alice)
        step(absent_server, server, alice, bob)
        step(closed_output, alice, bob)
        step(bad_server_files, folder, server)
        if can_mount(folder):
            step(full_client_disk, folder, server, alice)
            step(full_server_disk, folder)
        step(half_open.check)
        step(damaged_server_files, folder, server)
        expect(bob.texts("alice")[0] == "through all that", "bob's first message is gone")
        expect(server.stop() == 0 and proxy.stop() == 0, "a server did not stop in order")


if __name__ == "__main__":
    disks.main()
