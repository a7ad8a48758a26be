#!/usr/bin/env python3
"""What running programs show of their memory: not the passphrase, to whoever may look, and no core dump.

Looking is refused to everybody but root. Messages are in the page cache of the open store, and the store's key is in
memory: tests/memory says what is left when it is closed.
"""

import os
import pathlib
import unittest

import support


def core_limit(process):
    limits = pathlib.Path(f"/proc/{process.pid}/limits").read_text().splitlines()
    return next(line for line in limits if line.startswith("Max core file size")).split()[4:6]


def writable_memory(process):
    """Everything the process can write, or None where the kernel refuses."""
    try:
        regions = [line.split() for line in pathlib.Path(f"/proc/{process.pid}/maps").read_text().splitlines()]
        with open(f"/proc/{process.pid}/mem", "rb", buffering=0) as memory:
            parts = []
            for region in regions:
                if not region[1].startswith("rw"):
                    continue
                begin, end = (int(address, 16) for address in region[0].split("-"))
                memory.seek(begin)
                parts.append(memory.read(end - begin))
            return b"".join(parts)
    except PermissionError:
        return None


class Memory(support.Journey):
    def test_p32_a_client_that_stays_connected_holds_no_passphrase(self):
        alice = support.Person(self.folder / "alice", passphrase="violet-harpoon-19-margin")
        alice.register("alice", self.server)
        bob = self.person("bob")
        following = alice.start("receive", "--follow")
        self.assertTrue(support.eventually(alice.is_connected))
        bob.send("alice", "a message")
        self.assertIn("a message", support.read_line(following, support.PATIENCE))
        memory = writable_memory(following)
        if memory is None:
            self.assertNotEqual(os.geteuid(), 0)
        else:
            self.assertIn(b"alice", memory, "the search reads what is there")
            self.assertNotIn(b"violet-harpoon", memory)
        self.assertEqual(core_limit(following), ["0", "0"])
        support.end(following)

    def test_p32_the_server_leaves_no_core_dump(self):
        self.assertEqual(core_limit(self.server.process), ["0", "0"])


if __name__ == "__main__":
    unittest.main()
