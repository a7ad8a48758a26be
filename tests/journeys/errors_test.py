#!/usr/bin/env python3
"""Everything that goes wrong says what it was and what to do, and ends with its own exit code."""

import json
import os
import shutil
import socket
import unittest

import support


class Errors(support.Journey):
    def error(self, result):
        error = json.loads(result.err.splitlines()[-1])
        self.assertEqual(error["exit_code"], result.code)
        self.assertGreater(len(error["message"]), 20)
        return error

    def test_a_wrong_passphrase_changes_nothing(self):
        alice = self.person("alice")
        thief = support.Person(alice.folder, "wrong")
        self.assertEqual(self.error(thief.run("status", expect=support.WRONG_PASSPHRASE))["code"],
                         "wrong_passphrase")
        alice.run("status")

    def test_a_damaged_profile_says_which_file(self):
        alice = self.person("alice")
        key = alice.folder / "key"
        good = key.read_bytes()
        key.write_bytes(good[:60])
        self.assertIn("key file", self.error(alice.run("status", expect=support.FAILED))["message"])
        key.write_bytes(good)
        database = alice.folder / "store.db"
        kept = database.read_bytes()
        database.write_bytes(b"\0" * len(kept))
        self.assertIn("database", self.error(alice.run("status", expect=support.FAILED))["message"])
        database.write_bytes(kept)
        alice.run("status")

    def test_nothing_works_before_registration(self):
        nobody = self.person("nobody", registered=False)
        self.assertIn("sotto register", self.error(nobody.run("status", expect=support.NO_PROFILE))["message"])
        nobody.run("send", "bob", "hello", expect=support.NO_PROFILE)
        self.assertFalse(nobody.folder.exists())

    def test_a_name_that_is_taken_can_be_replaced_by_another(self):
        self.person("alice")
        second = self.person("second", registered=False)
        refused = second.run("register", "Alice", "--server", self.server.address, expect=support.REFUSED)
        self.assertIn("taken", self.error(refused)["message"])
        second.run("register", "a b", "--server", self.server.address, expect=support.USAGE)
        second.run("register", "alice2", "--server", self.server.address, "--wait", support.PATIENCE)
        second.run("register", "alice3", "--server", self.server.address, expect=support.USAGE)

    def test_nobody_by_that_name(self):
        alice = self.person("alice")
        refused = alice.run("send", "nemo", "hello?", "--wait", support.PATIENCE, expect=support.NO_SUCH_USER)
        self.assertIn("nemo", self.error(refused)["message"])
        alice.run("contact", "show", "nemo", expect=support.NO_SUCH_USER)
        alice.run("history", "somebody", expect=support.NO_SUCH_USER)

    def test_an_unreachable_server_costs_no_message(self):
        alice, bob = self.person("alice"), self.person("bob")
        self.server.stop()
        kept = alice.run("send", "bob", "kept", "--wait", 1, expect=support.QUEUED)
        self.assertIn("kept", self.error(kept)["message"])
        self.assertEqual(self.error(alice.run("receive", "--wait", 1, expect=support.UNREACHABLE))["code"],
                         "unreachable")
        self.assertEqual(alice.run("status").records[0]["queued_messages"], "1")
        self.server.start()
        alice.receive()
        self.assertEqual(bob.receive(), [("alice", "kept")])

    def test_a_registration_without_a_server_goes_on_later(self):
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            port = unused.getsockname()[1]
        alice = self.person("alice", registered=False)
        alice.run("register", "alice", "--server", f"localhost:{port}", "--wait", 1, expect=support.UNREACHABLE)
        alice.register("alice", self.server)

    def test_a_pin_that_does_not_match_stops_the_first_contact(self):
        alice = self.person("alice", registered=False)
        refused = alice.run("register", "alice", "--server", self.server.address, "--pin", "00" * 32, "--wait",
                            support.PATIENCE, expect=support.REFUSED)
        self.assertIn("--pin", self.error(refused)["message"])
        alice.run("register", "alice", "--server", self.server.address, "--pin", "00", expect=support.USAGE)
        alice.run("register", "alice", "--server", "no port", expect=support.USAGE)

    def test_another_server_at_the_same_address_is_refused(self):
        alice = self.person("alice")
        self.server.stop()
        port = self.server.port
        shutil.rmtree(self.folder / "server")
        self.server = support.Server(self.folder / "server")
        self.server.port = port
        self.server.start()
        refused = alice.run("receive", "--wait", support.PATIENCE, expect=support.REFUSED)
        self.assertIn("identity", self.error(refused)["message"])

    def test_a_server_with_a_new_certificate_is_still_the_same(self):
        alice = self.person("alice")
        self.server.stop()
        for name in ("certificate.pem", "private_key.pem", "statement"):
            os.remove(self.folder / "server" / name)
        self.server.start()
        alice.receive()

    def test_one_process_holds_the_connection(self):
        alice = self.person("alice")
        following = alice.start("receive", "--follow")
        self.assertTrue(support.eventually(alice.is_connected))
        self.error(alice.run("receive", expect=support.LOCKED))
        alice.run("status")
        alice.run("conversations")
        support.end(following)

    def test_command_lines_that_make_no_sense(self):
        alice = self.person("alice", registered=False)
        for words in ([], ["fly"], ["send"], ["receive", "--sideways"]):
            alice.run(*words, expect=support.USAGE)
        self.assertIn("Examples", alice.run("--help").out)


if __name__ == "__main__":
    unittest.main(verbosity=2)
