"""An agent beside a person's profile, and the ways to speak to it."""

import http.client
import json
import re
import subprocess
import sys

from support import PATIENCE, ROOT, SOTTO, Journey, end, read_line

sys.path.insert(0, str(ROOT / "sdk" / "python"))
import sotto  # noqa: E402  (the client that people get)


class AgentProcess:
    """`sotto agent` on a person's profile, on any free port."""

    def __init__(self, person, *words, passphrase=True):
        self.person = person
        environment = person.environment()
        if not passphrase:
            environment.pop("SOTTO_PASSPHRASE")
        self.process = subprocess.Popen(
            [str(SOTTO), "--profile", str(person.folder), "agent", "--port", "0", *map(str, words)],
            env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        told = (read_line(self.process, PATIENCE) or "") + self.process.stdout.readline()  # printed together
        found = re.fullmatch(r"socket: (.*)\nweb UI: http://127\.0\.0\.1:(\d+)/#token=([0-9a-f]{64})\n", told)
        if not found:
            raise AssertionError(f"the agent did not start: {told!r} {end(self.process)}")
        self.socket, self.port, self.token = found.group(1), int(found.group(2)), found.group(3)

    def connect(self):
        return sotto.connect(socket=self.socket)

    def http(self):
        return sotto.Http(self.token, self.port)

    def kill(self):
        self.process.kill()
        self.process.communicate()

    def stop(self):
        self.process.terminate()
        self.process.communicate(timeout=PATIENCE)
        return self.process.returncode

    def raw(self, method="POST", path="/v1/rpc", body=None, **fields):
        """Status, header fields and body of one HTTP request."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        connection.putrequest(method, path, skip_host=True)
        given = {"Host": f"127.0.0.1:{self.port}", "Authorization": f"Bearer {self.token}",
                 "Content-Length": str(len(body or b"")), **{k.replace("_", "-"): v for k, v in fields.items()}}
        for name, value in given.items():
            if value is not None:
                connection.putheader(name, value)
        connection.endheaders(body or b"")
        answer = connection.getresponse()
        octets = answer.read()
        connection.close()
        return answer.status, dict(answer.getheaders()), octets

    def post(self, text):
        """The answer to one JSON-RPC text."""
        status, _, octets = self.raw(body=text if isinstance(text, bytes) else text.encode())
        assert status == 200, (status, octets)
        return json.loads(octets)


def failure(call):
    """The error of a call that must fail."""
    try:
        got = call()
    except sotto.Error as error:
        return error
    raise AssertionError(f"this should have failed: {got}")


def until(agent, accept, consumer=""):
    """Reads events until one is accepted; the record."""
    for record in agent.events(consumer):
        if accept(record):
            return record
    raise AssertionError("events ended")


class AgentJourney(Journey):
    """A journey whose agents end with it."""

    def setUp(self):
        super().setUp()
        self.agents = []

    def tearDown(self):
        for agent in self.agents:
            if agent.process.poll() is None:
                agent.stop()
        super().tearDown()

    def agent(self, person, *words, **options):
        agent = AgentProcess(person, *words, **options)
        self.agents.append(agent)
        return agent
