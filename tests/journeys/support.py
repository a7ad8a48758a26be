"""Real programs for the journeys: a server of one's own, people with profiles, and what they print.

Environment: SOTTO_BUILD, the build directory with apps/sottod/sottod and apps/sotto/sotto.
"""

import fcntl
import json
import os
import pathlib
import re
import selectors
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("SOTTO_BUILD", ROOT / "build" / "dev"))
SOTTOD = BUILD / "apps" / "sottod" / "sottod"
SOTTO = BUILD / "apps" / "sotto" / "sotto"
LYING_OPERATOR = BUILD / "tests" / "hostile" / "lying_operator"
# Everything below takes a second or two; sanitized programs on a busy machine take much longer.
PATIENCE = 120
# Journeys open profiles thousands of times: programs built for tests then seal them cheaply (key_file.h).
os.environ.setdefault("SOTTO_CHEAP_PASSPHRASES", "1")

OK, FAILED, USAGE, NO_PROFILE, WRONG_PASSPHRASE, NO_SUCH_USER, QUEUED, UNREACHABLE, LOCKED, REFUSED = range(10)


def behind_proxy(certificate):
    """The configuration of a server behind a proxy that shows this certificate."""
    return f'metrics = "off"\nlog_level = "warning"\nmode = "proxy"\n[tls]\ncertificate = "{certificate}"\n'


class Server:
    """A sottod with its data below `folder`; the port stays the same over restarts."""

    def __init__(self, folder, configuration=None):
        """Without a configuration: the default one, but no metrics."""
        self.folder = folder
        self.log = folder.with_name(folder.name + ".log")
        self.port = 0
        self.process = None
        if configuration is not None:
            folder.mkdir(mode=0o700, exist_ok=True)
            (folder / "sottod.toml").write_text(configuration)
            return
        subprocess.run([SOTTOD, "init", "--data-dir", folder], check=True, capture_output=True)
        configuration = folder / "sottod.toml"
        text = configuration.read_text()
        configuration.write_text(re.sub(r"^#metrics = .*", 'metrics = "off"', text, flags=re.M))

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [SOTTOD, "run", "--data-dir", self.folder, "--listen", f"127.0.0.1:{self.port}"],
                stdout=subprocess.PIPE, stderr=log, text=True)
        line = read_line(self.process, PATIENCE)
        found = re.search(r"listening on \S*:(\d+)", line or "")
        if not found:
            raise AssertionError(f"the server did not start: {line!r}")
        self.port = int(found.group(1))

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def stop(self):
        """Ends it in order; the exit status of a server that was running."""
        if self.alive:
            self.process.terminate()
            status = self.process.wait(PATIENCE)
            self.process.stdout.close()
            return status

    @property
    def alive(self):
        return self.process is not None and self.process.poll() is None

    def operator(self, *words):
        """Its operator at work on its database, while it is stopped (tests/hostile/lying_operator.cpp)."""
        self.stop()
        told = run_program([LYING_OPERATOR, self.folder, *words], expect=OK).document()
        self.start()
        return told

    def admin(self, *words):
        return run_program([SOTTOD, "--data-dir", self.folder, "admin", "--json", *words], expect=OK).document()

    @property
    def address(self):
        return f"localhost:{self.port}"


class Result:
    def __init__(self, run):
        self.code = run.returncode
        self.out = run.stdout
        self.err = run.stderr
        self.arguments = run.args
        self.told = [json.loads(line) for line in run.stderr.splitlines() if line.startswith("{") and line.endswith("}")]
        self.records = [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{") and line.endswith("}")]

    def document(self):
        return json.loads(self.out)


def run_program(arguments, expect=None, environment=None, stdin=None, seconds=PATIENCE):
    """Runs a program to its end; None expects any exit status, but never the end by a signal."""
    run = subprocess.run(list(map(str, arguments)), env=environment, input=stdin,
                         stdin=subprocess.DEVNULL if stdin is None else None, capture_output=True, text=True,
                         timeout=seconds)
    if run.returncode < 0 or (expect is not None and run.returncode != expect):
        raise AssertionError(f"{run.args} ended with {run.returncode}, not {expect}:\n{run.stdout}{run.stderr}")
    return Result(run)


class Person:
    """A profile and the commands run on it, always with --json."""

    def __init__(self, folder, passphrase="correct horse"):
        self.folder = folder
        self.passphrase = passphrase
        self.program = SOTTO
        self.rule = "open"  # most journeys are about people who know each other

    def arguments(self, *words):
        return [str(self.program), "--profile", str(self.folder), "--json", *map(str, words)]

    def environment(self):
        return {**os.environ, "SOTTO_PASSPHRASE": self.passphrase}

    def run(self, *words, expect=OK, stdin=None):
        return run_program(self.arguments(*words), expect, self.environment(), stdin)

    def start(self, *words):
        return subprocess.Popen(self.arguments(*words), env=self.environment(), stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def register(self, name, server):
        return self.run("register", name, "--server", server.address, "--from", self.rule, "--wait", PATIENCE)

    def send(self, to, text, **options):
        return self.run("send", to, text, "--wait", PATIENCE, **options).records[-1]

    def receive(self):
        """What people said; the lines that nobody said are those of lines()."""
        return [(m["sender"], m["body"]) for m in self.run("receive", "--wait", PATIENCE).records if "system" not in m]

    def lines(self, user):
        """What happened in a conversation without anybody saying it."""
        return [m["system"]["kind"] for m in self.history(user) if "system" in m]

    def history(self, user):
        return self.run("history", user, "--limit", 1000).records

    def is_connected(self):
        """Whether some process holds this profile's connection."""
        try:
            with open(self.folder / "lock", "rb") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return False
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True

    def texts(self, user):
        return [message["body"] for message in self.history(user) if "system" not in message]

    def arrived(self, user):
        """texts() by now; there need be no conversation yet."""
        history = self.run("history", user, "--limit", 1000, expect=None)
        if history.code not in (OK, NO_SUCH_USER):
            raise AssertionError(history.err)
        return [message["body"] for message in history.records if "system" not in message]


def read_line(process, seconds):
    """The next line of a process's standard output, or None when there is none in time."""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        if not selector.select(seconds):
            return None
        return process.stdout.readline()


def eventually(condition, seconds=PATIENCE):
    """Waits for what another process does; the condition asks it through its own interface."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


def end(process, how=signal.SIGTERM):
    process.send_signal(how)
    out, err = process.communicate(timeout=PATIENCE)
    return out, err


class Journey(unittest.TestCase):
    """A server and a folder for each test."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sotto-journey."))
        self.server = Server(self.folder / "server")
        self.server.start()

    def tearDown(self):
        self.server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def person(self, name, registered=True, rule="open"):
        person = Person(self.folder / name)
        person.rule = rule
        if registered:
            person.register(name, self.server)
        return person
