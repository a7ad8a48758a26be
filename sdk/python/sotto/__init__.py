"""Talks to a `sotto agent` on this machine. Standard library only; Python 3.9 or newer.

    with sotto.connect() as agent:
        agent.messages.send(conversation="bob", text="Lunch at noon?")
        for record in agent.events(consumer="my-bot"):
            ...

Methods and records are those of docs/specs/agent.md; sotto.methods has their types.
"""

import json
import os
import pathlib
import socket as sockets
import subprocess
import urllib.request
from collections import deque
from typing import IO, Any, Deque, Dict, Iterator, List, Optional, Union, cast

from . import methods
from .methods import AppMessage, EventRecord

__all__ = ["Agent", "App", "Error", "Gap", "Http", "connect", "default_profile", "http", "spawn"]


class Error(Exception):
    """The agent said no: `code` is a word of docs/cli.md's table ("no_such_user"), or "protocol"."""

    def __init__(self, error: Dict[str, Any]) -> None:
        super().__init__(error.get("message", "unknown error"))
        self.number: int = error.get("code", 0)
        self.code: str = error.get("data", {}).get("code", "protocol")
        self.exit_code: int = error.get("data", {}).get("exit_code", 1)


class Gap(Exception):
    """Events that nobody read are no longer kept: read the conversations, then go on."""


def default_profile() -> pathlib.Path:
    data = os.environ.get("XDG_DATA_HOME", "")
    return pathlib.Path(data) / "sotto" if data.startswith("/") else pathlib.Path.home() / ".local/share/sotto"


class _Methods:
    """The services of the schema."""

    def __init__(self) -> None:
        self.profile = methods.Profile(self.call)
        self.account = methods.Account(self.call)
        self.devices = methods.Devices(self.call)
        self.conversations = methods.Conversations(self.call)
        self.messages = methods.Messages(self.call)
        self.contacts = methods.Contacts(self.call)
        self.groups = methods.Groups(self.call)
        self.files = methods.Files(self.call)
        self.sms = methods.Sms(self.call)
        self.recovery = methods.Recovery(self.call)
        self.log = methods.Log(self.call)
        self.event_log = methods.Events(self.call)
        self.webhooks = methods.Webhooks(self.call)
        self.apps = methods.Apps(self.call)

    def call(self, method: str, parameters: Optional[Dict[str, Any]] = None) -> Any:
        raise NotImplementedError


def _result_of(answer: Dict[str, Any]) -> Any:
    if "error" in answer:
        raise Error(answer["error"])
    return answer["result"]


class Agent(_Methods):
    """A connection that stays: calls and events, one JSON text a line. For one thread."""

    def __init__(self, reading: IO[bytes], writing: IO[bytes], process: "Optional[subprocess.Popen[bytes]]" = None,
                 channel: Optional[sockets.socket] = None) -> None:
        super().__init__()
        self._reading, self._writing, self._process, self._channel = reading, writing, process, channel
        self._last_id = 0
        self._told: Deque[Dict[str, Any]] = deque()  # came while an answer was awaited

    def __enter__(self) -> "Agent":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._writing.close()
        self._reading.close()
        if self._channel is not None:
            self._channel.close()
        if self._process is not None:
            self._process.wait()

    def _read(self) -> Dict[str, Any]:
        line = self._reading.readline()
        if not line:
            raise ConnectionError("the agent ended the connection")
        return cast(Dict[str, Any], json.loads(line))

    def call(self, method: str, parameters: Optional[Dict[str, Any]] = None) -> Any:
        self._last_id += 1
        request = {"jsonrpc": "2.0", "id": self._last_id, "method": method, "params": parameters or {}}
        self._writing.write(json.dumps(request).encode() + b"\n")
        self._writing.flush()
        while True:
            text = self._read()
            if text.get("id") == self._last_id and "method" not in text:
                return _result_of(text)
            self._told.append(text)

    def events(self, consumer: str = "", since: Optional[int] = None, acknowledge: bool = True) -> Iterator[EventRecord]:
        """What happens, for ever, from where `consumer` stopped. An event counts as read when the next is asked for.

        Without a consumer: what happens from now on. Raises Gap if events were missed."""
        parameters: Dict[str, Any] = {"consumer": consumer} if consumer else {}
        if since is not None:
            parameters["since"] = since
        begun = self.call("events.subscribe", parameters)
        if begun.get("gap"):
            if consumer:
                self.call("events.acknowledge", {"consumer": consumer, "sequence": int(begun["oldest"]) - 1})
            raise Gap("events were missed")
        return self._listen(consumer if acknowledge else "")

    def _listen(self, consumer: str) -> Iterator[EventRecord]:
        while True:
            text = self._told.popleft() if self._told else self._read()
            if text.get("method") == "gap":
                raise Gap("events were missed")
            if text.get("method") != "event":
                continue
            record = cast(EventRecord, text["params"])
            yield record
            if consumer and record.get("sequence"):
                self.call("events.acknowledge", {"consumer": consumer, "sequence": record["sequence"]})


class Http(_Methods):
    """The same calls over HTTP, each by itself; events are read with `event_log.read`."""

    def __init__(self, token: str, port: int = 7480) -> None:
        super().__init__()
        self._token, self._port = token, port

    def _request(self, path: str, body: Optional[bytes]) -> bytes:
        request = urllib.request.Request(f"http://127.0.0.1:{self._port}{path}", data=body,
                                         headers={"Authorization": f"Bearer {self._token}",
                                                  "Content-Type": "application/octet-stream"})
        # Loopback is not for proxies.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request) as answer:
            return cast(bytes, answer.read())

    def call(self, method: str, parameters: Optional[Dict[str, Any]] = None) -> Any:
        text = {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters or {}}
        return _result_of(json.loads(self._request("/v1/rpc", json.dumps(text).encode())))


class App(methods.App):
    """What a program may do whose token `sotto app add` printed: read what it is asked, and answer.

    docs/specs/apps.md says what it sees: never who anybody is."""

    def __init__(self, token: str, port: int = 7480) -> None:
        super().__init__(Http(token, port).call)

    def messages(self, wait_s: int = 25) -> Iterator[AppMessage]:
        """What it is asked, for ever. A message counts as taken when the next is asked for."""
        while True:
            for message in self.read(limit=1, wait_s=wait_s).get("messages", []):
                yield message
                self.acknowledge(sequence=message["sequence"])


def connect(profile: "Union[str, os.PathLike[str], None]" = None, socket: "Union[str, os.PathLike[str], None]" = None) -> Agent:
    """The agent that runs on this profile, through its socket."""
    path = pathlib.Path(socket) if socket is not None else pathlib.Path(profile or default_profile()) / "agent.sock"
    channel = sockets.socket(sockets.AF_UNIX, sockets.SOCK_STREAM)
    channel.connect(str(path))
    return Agent(channel.makefile("rb"), channel.makefile("wb"), channel=channel)


def http(profile: "Union[str, os.PathLike[str], None]" = None, port: int = 7480) -> Http:
    """The agent that runs on this profile, over HTTP, with the token from its folder."""
    folder = pathlib.Path(profile or default_profile())
    return Http((folder / "agent-token").read_text().strip(), port)


def spawn(profile: "Union[str, os.PathLike[str], None]" = None, program: str = "sotto",
          arguments: Optional[List[str]] = None) -> Agent:
    """An agent of one's own, which ends with the connection; SOTTO_PASSPHRASE opens the profile."""
    words = [program, "--profile", str(profile or default_profile()), "agent", "--stdio", *(arguments or [])]
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None and process.stdout is not None
    return Agent(process.stdout, process.stdin, process)
