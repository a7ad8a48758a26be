#!/usr/bin/env python3
"""Two people on a server behind a proxy that ends their TLS: OpenSSL's own s_server, one connection at a time."""

import pathlib
import shutil
import socket
import subprocess
import tempfile
import threading
import unittest

from support import ROOT, Person, Server, behind_proxy


def openssl():
    """The openssl program that belongs to the library Sotto is built with: it must know hybrid groups."""
    prefix = subprocess.run([ROOT / "tools" / "deps", "--prefix"], check=True, capture_output=True, text=True).stdout.strip()
    return str(pathlib.Path(prefix) / "bin" / "openssl") if prefix else "openssl"


def pump(read, write, finish):
    try:
        while data := read():
            write(data)
    except OSError:
        pass
    finish()


class Proxy:
    """Accepts TLS on `port` with the server's certificate and passes what is inside to `server`, until stopped."""

    def __init__(self, server, port):
        self.server = server
        self.port = port
        self.command = [openssl(), "s_server", "-accept", f"127.0.0.1:{self.port}", "-naccept", "1", "-quiet", "-tls1_3",
                        "-groups", "X25519MLKEM768", "-cert", server.folder / "certificate.pem",
                        "-key", server.folder / "private_key.pem"]
        self.stopped = threading.Event()
        self.process = None
        self.served = 0
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    @property
    def address(self):
        return f"localhost:{self.port}"

    def serve(self):
        while not self.stopped.is_set():
            tls = self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                                  stderr=subprocess.DEVNULL, bufsize=0)
            if first := tls.stdout.read(65536):
                self.pass_on(tls, first)
            tls.kill()
            tls.wait()
            tls.stdin.close()
            tls.stdout.close()

    def pass_on(self, tls, first):
        with socket.create_connection(("127.0.0.1", self.server.port)) as inside:
            inside.sendall(first)
            self.served += 1
            answers = threading.Thread(target=pump, args=(lambda: inside.recv(65536), tls.stdin.write, tls.kill))
            answers.start()
            pump(lambda: tls.stdout.read(65536), inside.sendall, lambda: inside.shutdown(socket.SHUT_WR))
            answers.join()

    def stop(self):
        self.stopped.set()
        while self.thread.is_alive():  # which may have begun the next one meanwhile
            self.process.kill()
            self.thread.join(0.1)


class BehindAProxy(unittest.TestCase):
    def test_a_server_can_move_behind_a_proxy_and_people_go_on_and_join(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="sotto-proxy."))
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        server = Server(folder / "server")
        server.start()
        self.addCleanup(server.stop)
        alice, bob, carol = (Person(folder / name) for name in ("alice", "bob", "carol"))
        alice.register("alice", server)
        bob.register("bob", server)
        server.stop()

        port, server.port = server.port, 0
        (server.folder / "sottod.toml").write_text(behind_proxy(server.folder / "certificate.pem"))
        server.start()
        proxy = Proxy(server, port)
        self.addCleanup(proxy.stop)
        self.assertEqual(alice.send("bob", "through the proxy")["state"], "SENT")
        self.assertEqual(bob.receive(), [("alice", "through the proxy")])
        carol.register("carol", proxy)
        self.assertEqual(carol.send("bob", "and a new one")["state"], "SENT")
        self.assertEqual(bob.receive(), [("carol", "and a new one")])
        self.assertGreaterEqual(proxy.served, 5)


if __name__ == "__main__":
    unittest.main()
