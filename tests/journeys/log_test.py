#!/usr/bin/env python3
"""What people see of the server's public log: proofs about contacts, names that were given up, witnesses."""

import signal
import unittest

import support
from audit_test import Auditor
from support import PATIENCE, QUEUED, REFUSED, USAGE


class Log(support.Journey):
    def test_contacts_are_proven_and_everything_says_so(self):
        alice, bob = self.person("alice"), self.person("bob")
        sent = alice.send("bob", "hello")
        self.assertGreaterEqual(int(sent["security"]["transparency_size"]), 3)
        contact = alice.run("contact", "show", "bob").records[0]
        self.assertEqual(contact["log_proof"], "PROVEN")
        self.assertGreaterEqual(int(contact["security"]["transparency_size"]), 3)
        status = alice.run("log", "status").records[0]
        self.assertGreaterEqual(int(status["size"]), 3)
        self.assertEqual(len(status["log_id"]), 64)
        self.assertGreater(int(status["self_audited_ms"]), 0)
        self.assertFalse(status["forked"])
        self.assertEqual(bob.receive(), [("alice", "hello")])
        self.assertEqual(bob.run("log", "status").records[0]["log_id"], status["log_id"])
        # Nobody caught the log at anything.
        failure = alice.run("log", "evidence", "--to", self.folder / "evidence", expect=USAGE)
        self.assertIn("there is no evidence", failure.err)
        self.assertFalse((self.folder / "evidence").exists())

    def test_a_contact_is_proven_without_a_message(self):
        alice = self.person("alice")
        self.person("bob")
        self.assertEqual(alice.run("contact", "show", "bob").records[0]["log_proof"], "PROVEN")

    def test_a_name_that_was_given_up_reaches_nobody(self):
        bob = self.person("bob")
        bob.run("handles", "add", "robert", "--wait", PATIENCE)
        bob.run("handles", "remove", "bob", "--wait", PATIENCE)
        carol = self.person("carol")
        failure = carol.run("send", "bob", "are you there?", "--wait", PATIENCE, expect=REFUSED)
        self.assertIn("no longer has this name", failure.err)
        self.assertEqual([m["state"] for m in carol.history("bob")], ["FAILED"])
        failure = carol.run("contact", "show", "bob", expect=REFUSED)
        self.assertIn("given up", failure.err)
        self.assertEqual(carol.send("robert", "found you")["state"], "SENT")
        self.assertEqual(bob.receive(), [("carol", "found you")])

    def test_witnesses_that_are_required_have_to_vouch(self):
        auditor = Auditor(self.folder / "auditor", self.server)
        self.addCleanup(auditor.end, signal.SIGKILL)
        (self.folder / "witness").write_text(auditor.key + "\n")
        configuration = self.server.folder / "sottod.toml"
        configuration.write_text(configuration.read_text().replace(
            "#witnesses = []", f'witnesses = ["{self.folder / "witness"}"]'))
        self.server.stop()
        self.server.start()
        alice, bob = self.person("alice"), self.person("bob")

        self.assertIn("more witnesses", alice.run("log", "witness", "require", 1, expect=USAGE).err)
        added = alice.run("log", "witness", "add", self.folder / "witness").records[0]
        self.assertEqual(alice.run("log", "witness", "list").records[0]["fingerprint"], added["fingerprint"])
        alice.run("log", "witness", "add", auditor.key, expect=USAGE)  # known already
        alice.run("log", "witness", "add", configuration, expect=USAGE)  # no key
        alice.run("log", "witness", "require", 1)
        # Nobody vouched yet: the message is kept.
        failure = alice.run("send", "bob", "waits", "--wait", 5, expect=None)
        self.assertIn(failure.code, (REFUSED, QUEUED))
        self.assertEqual(bob.receive(), [])
        auditor.once()
        self.assertEqual(alice.send("bob", "goes")["state"], "SENT")
        self.assertEqual([body for _, body in bob.receive()], ["waits", "goes"])
        status = alice.run("log", "status").records[0]
        self.assertEqual((status["witnesses"], status["witnesses_required"]), (1, 1))
        alice.run("log", "witness", "remove", added["fingerprint"], expect=USAGE)  # one is required
        alice.run("log", "witness", "require", 0)
        alice.run("log", "witness", "remove", added["fingerprint"])
        self.assertEqual(alice.run("log", "witness", "list").records, [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
