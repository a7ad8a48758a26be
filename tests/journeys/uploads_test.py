#!/usr/bin/env python3
"""Files handed over to the agent by HTTP, of any size (docs/specs/agent.md 7): with a real agent, its memory and its
disk. Not under sanitizers, which keep the memory that was given back."""

import contextlib
import hashlib
import http.client
import json
import pathlib
import re
import unittest

import disks
from agent_support import AgentJourney
from support import OK, PATIENCE, Person, eventually

MIB = 1 << 20
LARGE = 320 * MIB  # more than the agent ever took into memory
# What taking a file may cost at most: a fifth of the file, and far more than the chunks that are under way.
MORE_MEMORY = 64 * MIB
MARK = b"nothing of this may lie on the disk "


def pieces(octets):
    """So many octets of a file in which every line says where it is."""
    size = MIB
    for at in range(0, octets, size):
        line = MARK + b"%012d\n" % at
        yield (line * (size // len(line) + 1))[:min(size, octets - at)]


def peak_memory(process):
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"^VmHWM:\s+(\d+) kB$", status, flags=re.M).group(1)) * 1024


class Uploads(AgentJourney):
    def begin(self, agent, name, length):
        """A connection on which the octets are expected; None: in chunks."""
        connection = http.client.HTTPConnection("127.0.0.1", agent.port, timeout=PATIENCE)
        connection.putrequest("POST", f"/v1/files?name={name}")
        connection.putheader("Authorization", f"Bearer {agent.token}")
        connection.putheader(*(("Transfer-Encoding", "chunked") if length is None else ("Content-Length", str(length))))
        connection.endheaders()
        return connection

    def upload(self, agent, name, octets, chunked=False):
        """Status and answer."""
        connection = self.begin(agent, name, None if chunked else octets)
        # Who is refused in the middle has the answer waiting.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            for piece in pieces(octets):
                connection.send(b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece)
            if chunked:
                connection.send(b"0\r\n\r\n")
        answer = connection.getresponse()
        document = json.loads(answer.read())
        connection.close()
        return answer.status, document

    def stored(self, person):
        folder = person.folder / "attachments"
        return sorted(folder.iterdir()) if folder.exists() else []

    def test_a_file_of_any_size_is_taken_as_it_comes(self):
        alice = self.person("alice")
        agent = self.agent(alice)
        self.assertEqual(self.upload(agent, "small.bin", MIB)[0], 200)
        before = peak_memory(agent.process)
        status, large = self.upload(agent, "film.bin", LARGE)
        self.assertEqual((status, large["size"]), (200, str(LARGE)), large)
        self.assertLess(peak_memory(agent.process) - before, MORE_MEMORY)
        self.assertGreaterEqual(max(file.stat().st_size for file in self.stored(alice)), LARGE)
        for file in self.stored(alice):
            with open(file, "rb") as octets:
                self.assertNotIn(MARK, octets.read(4 * MIB))
        with agent.connect() as calls:
            sent = calls.messages.send(conversation="alice", files=[{"upload": large["upload"]}])
            self.assertEqual((sent["files"][0]["name"], sent["files"][0]["size"]), ("film.bin", str(LARGE)))

    def test_what_comes_in_chunks_of_unknown_number_is_what_was_sent(self):
        alice = self.person("alice")
        agent = self.agent(alice)
        octets = 5 * MIB + 12345
        status, told = self.upload(agent, "notes.bin", octets, chunked=True)
        self.assertEqual((status, told["size"]), (200, str(octets)), told)
        with agent.connect() as calls:
            sent = calls.messages.send(conversation="alice", files=[{"upload": told["upload"]}])
            self.assertTrue(eventually(lambda: calls.files.list()["files"][0]["state"] == "HERE"))
        status, _, got = agent.raw("GET", f"/v1/files/alice/{sent['message_id']}/0")
        self.assertEqual(status, 200)
        self.assertEqual(hashlib.sha256(got).digest(), hashlib.sha256(b"".join(pieces(octets))).digest())

    def test_what_was_cut_leaves_nothing(self):
        alice = self.person("alice")
        agent = self.agent(alice)
        connection = self.begin(agent, "film.bin", LARGE)
        for piece in pieces(8 * MIB):
            connection.send(piece)
        self.assertTrue(eventually(lambda: len(self.stored(alice)) == 1))
        connection.close()
        self.assertTrue(eventually(lambda: self.stored(alice) == []))
        self.assertEqual(self.upload(agent, "again.bin", MIB)[0], 200)
        connection = self.begin(agent, "film.bin", LARGE)
        for piece in pieces(8 * MIB):
            connection.send(piece)
        self.assertTrue(eventually(lambda: len(self.stored(alice)) == 2))
        self.assertEqual(agent.stop(), OK)
        self.assertEqual(self.stored(alice), [])
        connection.close()

    def test_a_full_disk_is_said_and_costs_nothing(self):
        if not disks.can_mount(self.folder):
            self.skipTest("needs the right to mount a tmpfs")
        disk = disks.Disk(self.folder / "disk")
        alice = Person(disk.folder / "alice")
        alice.register("alice", self.server)
        agent = self.agent(alice)
        status, kept = self.upload(agent, "before.bin", MIB)
        self.assertEqual(status, 200)
        files = self.stored(alice)
        disk.fill(leave=8 * MIB)
        for chunked in (False, True):
            status, told = self.upload(agent, "film.bin", 64 * MIB, chunked)
            self.assertEqual((status, told["code"], told["exit_code"]), (507, "failed", 1))
            self.assertEqual(told["message"], "film.bin: the disk is full; free some space and try again")
            self.assertEqual(self.stored(alice), files)
        self.assertEqual(self.upload(agent, "fits.bin", MIB)[0], 200)
        disk.empty()
        self.assertEqual(self.upload(agent, "film.bin", 64 * MIB)[0], 200)
        with agent.connect() as calls:
            sent = calls.messages.send(conversation="alice", files=[{"upload": kept["upload"]}])
            self.assertEqual(sent["files"][0]["name"], "before.bin")
        self.assertEqual(agent.stop(), OK)
        disk.unmount()


if __name__ == "__main__":
    disks.main()
