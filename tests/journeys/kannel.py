#!/usr/bin/env python3
"""The real Kannel for the journeys and ./demo: bearerbox, smsbox and its fake carrier, on loopback ports of their own.

From PATH, or from where tools/deps unpacks Debian's packages (installed, they would start a daemon).

Usage: kannel.py run FOLDER                     until it is terminated; FOLDER/sottod.toml has what a server's configuration needs
       kannel.py texts FOLDER                   what telephones got, a line each: NUMBER: TEXT
       kannel.py answer FOLDER FROM TO TEXT     a telephone sends a text
       kannel.py is-there                       exit status 0 if there is one
"""

import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.parse

from support import PATIENCE, eventually

CACHE = pathlib.Path(os.environ.get("SOTTO_DEPS_CACHE",
                                    pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) /
                                    "sotto" / "deps"))
UNPACKED = CACHE / "kannel"
PASSWORD = "kannel password"
SECRET = "secret of callbacks"

# docs/operations.md shows an operator the same; what differs is the carrier, which is Kannel's fake one. `answers` is a
# second one, so that telephones can be heard while texts go out over the first.
CONFIGURATION = """
group = core
admin-port = {admin}
admin-interface = "127.0.0.1"
admin-password = "{password}"
smsbox-port = {boxes}
smsbox-interface = "127.0.0.1"
box-allow-ip = "127.0.0.1"
box-deny-ip = "*.*.*.*"
store-type = file
store-location = "{folder}/store"
log-file = "{folder}/bearerbox.log"
log-level = 2
access-log = "{folder}/access.log"
access-log-format = "%l [SMSC:%i] [ID:%I]"

group = smsc
smsc = fake
smsc-id = carrier
host = 127.0.0.1
port = {carrier}
connect-allow-ip = 127.0.0.1

group = smsc
smsc = fake
smsc-id = answers
host = 127.0.0.1
port = {answers}
connect-allow-ip = 127.0.0.1
allowed-smsc-id = answers

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {sendsms}
sendsms-interface = "127.0.0.1"
log-file = "{folder}/smsbox.log"
log-level = 2
http-request-retry = 20
http-queue-delay = 1

group = sendsms-user
username = sotto
password = "{password}"
max-messages = 10
concatenation = true
user-allow-ip = "127.0.0.1"
user-deny-ip = "*.*.*.*"

group = sms-service
keyword = default
catch-all = true
post-url = "http://127.0.0.1:{callbacks}/kannel/text?secret={secret}&from=%p&to=%P&id=%I"
max-messages = 0
omit-empty = true
concatenation = true
"""


def program(name, folder="sbin"):
    found = shutil.which(name)
    if found:
        return pathlib.Path(found)
    places = [root / "usr" / folder / name for root in (UNPACKED, pathlib.Path("/"))]
    return next((place for place in places if os.access(place, os.X_OK)), None)


def is_there():
    return program("bearerbox") and program("smsbox") and program("fakesmsc", "lib/kannel/test")


def free_ports(count):
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def accepts(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Kannel:
    """`server_lines` belong into a server's configuration."""

    def __init__(self, folder):
        """A new one, or the one that another process runs there."""
        self.folder = folder
        self.configuration = folder / "kannel.conf"
        self.running = {}
        if (folder / "ports").exists():
            self.ports = json.loads((folder / "ports").read_text())
            return
        folder.mkdir()
        names = ("admin", "boxes", "carrier", "answers", "sendsms", "callbacks")
        self.ports = dict(zip(names, free_ports(len(names))))
        self.configuration.write_text(CONFIGURATION.format(
            **self.ports, folder=folder, password=PASSWORD, secret=urllib.parse.quote(SECRET).replace("%", "%%")))
        (folder / "password").write_text(PASSWORD + "\n")
        (folder / "secret").write_text(SECRET + "\n")
        (folder / "ports").write_text(json.dumps(self.ports))

    def server_lines(self, numbers=("+46700000001",), **more):
        lines = [f'kannel = "http://127.0.0.1:{self.ports["sendsms"]}/cgi-bin/sendsms"', 'kannel_user = "sotto"',
                 f'kannel_password_file = "{self.folder / "password"}"',
                 f'callbacks = "127.0.0.1:{self.ports["callbacks"]}"',
                 f'callback_secret_file = "{self.folder / "secret"}"',
                 "numbers = [" + ", ".join(f'"{number}"' for number in numbers) + "]"]
        lines += [f'{key} = "{value}"' if isinstance(value, str) else f"{key} = {value}" for key, value in more.items()]
        return "[text_messages]\n" + "\n".join(lines) + "\n"

    def _start(self, name, *arguments, log=None):
        environment = {**os.environ, "LD_LIBRARY_PATH": str(UNPACKED / "usr" / "lib" / f"{os.uname().machine}-linux-gnu")}
        with open(log or self.folder / f"{name}.out", "ab") as out:
            self.running[name] = subprocess.Popen(list(map(str, arguments)), stdin=subprocess.DEVNULL, stdout=out,
                                                  stderr=out, env=environment)

    def start(self):
        self._start("bearerbox", program("bearerbox"), "-v", "2", self.configuration)
        self._wait("bearerbox", "boxes", "answers")
        self.start_carrier()
        self.start_smsbox()

    def _wait(self, name, *ports):
        for port in ports:
            ready = eventually(lambda: accepts(self.ports[port]) or self.running[name].poll() is not None)
            if not ready or self.running[name].poll() is not None:
                raise AssertionError(f"{name} did not start: {(self.folder / f'{name}.out').read_text()}")

    def start_smsbox(self):
        self._start("smsbox", program("smsbox"), "-v", "2", self.configuration)
        self._wait("smsbox", "sendsms")

    def start_carrier(self):
        self._start("carrier", program("fakesmsc", "lib/kannel/test"), "-H", "127.0.0.1", "-r", self.ports["carrier"], "-m", "0",
                    "a b text never sent", log=self.folder / "carrier.log")

    def end(self, name, how="terminate"):
        process = self.running.pop(name, None)
        if process is None:
            return
        getattr(process, how)()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def stop(self):
        for name in ("smsbox", "carrier", "bearerbox"):
            self.end(name)

    def texts(self):
        """(from, to, text) of everything that the carrier got; parts of long texts joined."""
        log = self.folder / "carrier.log"
        out = []
        text = log.read_text(errors="replace") if log.exists() else ""
        for line in re.findall(r"Got message \d+: <(.*)>$", text, flags=re.M):
            found = re.match(r"(\S+) (\S+) (text|ucs-2|data|udh) (.*)$", line)
            if not found:  # a line of the last text: the fake carrier's own protocol ends texts with lines
                out[-1] = (*out[-1][:2], out[-1][2] + "\n" + line)
                continue
            sender, to, kind, words = found.groups()
            if kind == "ucs-2":
                words = urllib.parse.unquote_to_bytes(words.replace("+", " ")).decode("utf-16-be")
            elif kind == "udh":
                header, words = re.match(r"(\S+) data (.*)$", words).groups()
                words = urllib.parse.unquote_plus(words)
                if urllib.parse.unquote_to_bytes(header)[-1] > 1:
                    out[-1] = (*out[-1][:2], out[-1][2] + words)
                    continue
            out.append((sender, to, words))
        return out

    def text_to(self, number, count=1):
        """The last of at least `count` texts to the number."""
        found = lambda: [words for _, to, words in self.texts() if to == number]
        if not eventually(lambda: len(found()) >= count):
            raise AssertionError(f"the carrier got {self.texts()}")
        return found()[-1]

    def answer(self, sender, to, text):
        """A telephone sends a text."""
        self._start("telephone", program("fakesmsc", "lib/kannel/test"), "-H", "127.0.0.1", "-r", self.ports["answers"], "-m", "1",
                    f"{sender} {to} text {text}", log=self.folder / "telephone.log")
        log = self.folder / "telephone.log"
        sent = log.read_text().count("sent message") + 1 if log.exists() else 1
        if not eventually(lambda: log.read_text().count("sent message") >= sent):
            raise AssertionError("the telephone could not send")
        time.sleep(0.2)  # until it is read: it would be lost with the connection
        self.end("telephone")

    def written(self):
        """Everything that Kannel's programs wrote into their logs."""
        return "".join(path.read_text(errors="replace") for path in self.folder.glob("*box*.*"))


def run(folder):
    gateway = Kannel(folder)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    try:
        gateway.start()
        part = folder / "sottod.toml.part"
        part.write_text(gateway.server_lines(senders="everybody"))
        part.rename(folder / "sottod.toml")  # whoever waits for it finds it whole, and Kannel running
        signal.pause()
    finally:
        gateway.stop()


def main(arguments):
    match arguments:
        case ["run", folder]:
            run(pathlib.Path(folder))
        case ["texts", folder]:
            for _, to, text in Kannel(pathlib.Path(folder)).texts():
                print(f"{to}: {text}")
        case ["answer", folder, sender, to, text]:
            Kannel(pathlib.Path(folder)).answer(sender, to, text)
        case ["is-there"]:
            return 0 if is_there() else 1
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
