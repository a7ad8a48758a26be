#!/usr/bin/env python3
"""A server that lies to real programs: the unmodified sottod over a database that its operator changed
(tests/hostile/lying_operator.cpp), under its true keys and certificate. Who notices, what they are told, and what goes
where meanwhile: docs/specs/hostile-actors.md."""

import shutil
import time
import unittest

import support
from audit_test import ALARM, AUDIT
from support import PATIENCE, REFUSED, USAGE, eventually, run_program


class LyingServer(support.Journey):
    def setUp(self):
        super().setUp()
        self.alice, self.bob = self.person("alice"), self.person("bob")
        self.bob.send("alice", "hello")
        self.alice.receive()
        self.alice.send("bob", "hello")
        self.bob.receive()

    @property
    def database(self):
        return self.server.folder / "database"

    def keep_truth(self):
        self.server.stop()
        shutil.copytree(self.database, self.folder / "truth")
        self.server.start()

    def tell_truth(self):
        """The operator puts back what he kept; prekeys that were given out since are given out again, so nobody should
        have begun a session meanwhile."""
        self.server.stop()
        shutil.rmtree(self.database)
        shutil.copytree(self.folder / "truth", self.database)
        self.server.start()

    def waiting(self, impostor):
        """Envelopes in the mailbox of the impostor's device."""
        return self.server.operator("waiting", impostor["account"], impostor["device"])["envelopes"]

    @staticmethod
    def codes(result):
        return {problem["code"] for problem in result.told if "code" in problem}

    def expect_stopped(self, text, impostor):
        """Bob writes to Alice: told why and what to do, and the message waits."""
        stopped = self.bob.run("send", "alice", text, "--wait", PATIENCE, expect=REFUSED)
        for words in ("identity key is another one than before", "somebody pretends to be them", "is kept and goes nowhere",
                      "ask them in another way", "`sotto contact accept`", "`sotto verify --scan`", "`sotto contact keep`"):
            self.assertIn(words, stopped.err)
        self.assertEqual(stopped.records[-1]["state"], "QUEUED")
        self.assertNotIn("MANIFEST_REFUSED", self.codes(stopped))  # in whose words it would be told once more
        contact = self.bob.run("contact", "show", "alice").document()
        self.assertEqual(contact["changed_fingerprint"], impostor["fingerprint"])
        self.assertEqual(self.waiting(impostor), 0)

    def test_a_lie_that_ended_is_said_and_the_known_key_is_kept(self):
        self.keep_truth()
        nothing = self.bob.run("contact", "keep", "alice", expect=USAGE)
        self.assertIn("there is nothing to decide", nothing.err)
        true_key = self.bob.run("contact", "show", "alice").document()["fingerprint"]
        impostor = self.server.operator("impostor", "alice")
        self.expect_stopped("first", impostor)

        self.tell_truth()

        def said():
            self.bob.receive()
            return self.bob.lines("alice") == ["KEY_CHANGED", "KNOWN_KEY_AGAIN"]

        self.assertTrue(eventually(said), self.bob.lines("alice"))
        contact = self.bob.run("contact", "show", "alice").document()
        self.assertEqual((contact["fingerprint"], contact["changed_fingerprint"]), (true_key, impostor["fingerprint"]))
        self.assertTrue(contact["known_key_again"])
        # Which of the two keys is Alice's only she can say: the server does not end what it began.
        waiting = self.bob.run("send", "alice", "second", "--wait", PATIENCE, expect=REFUSED)
        for words in ("shows the one that you know again", "is kept and goes nowhere", "ask them in another way", "`sotto contact keep`"):
            self.assertIn(words, waiting.err)
        self.assertEqual(waiting.records[-1]["state"], "QUEUED")

        self.bob.run("contact", "keep", "alice")
        self.assertEqual(self.bob.send("alice", "third")["state"], "SENT")
        self.assertEqual([text for _, text in self.alice.receive()], ["first", "second", "third"])
        contact = self.bob.run("contact", "show", "alice").document()
        self.assertEqual((contact["fingerprint"], contact["changed_fingerprint"]), (true_key, ""))
        self.assertEqual(contact["verified_by"], "PINNED_AT_FIRST_CONTACT")
        self.assertEqual(self.bob.lines("alice"), ["KEY_CHANGED", "KNOWN_KEY_AGAIN", "KEY_KEPT"])

        # What was kept stops nothing of the next lie.
        self.expect_stopped("fourth", self.server.operator("impostor", "alice"))

    def test_an_impostor_gets_nothing_whatever_the_user_decides_while_the_log_says_the_truth(self):
        self.keep_truth()
        true_key = self.bob.run("contact", "show", "alice").document()["fingerprint"]
        impostor = self.server.operator("impostor", "alice")
        self.assertNotEqual(impostor["fingerprint"], true_key)
        self.expect_stopped("first", impostor)
        self.assertEqual(self.bob.lines("alice"), ["KEY_CHANGED"])
        # The next one does not wait for what cannot come.
        began = time.monotonic()
        self.expect_stopped("second", impostor)
        self.assertLess(time.monotonic() - began, PATIENCE / 2)
        self.assertEqual(self.bob.lines("alice"), ["KEY_CHANGED"])
        # What Alice says is shown all the while: her device is who it was.
        self.alice.send("bob", "still me")
        self.assertEqual(self.bob.receive(), [("alice", "still me")])

        # Bob keeps the key that he knows, which the server does not show: it is asked before anything leaves.
        self.bob.run("contact", "keep", "alice")
        self.expect_stopped("third", impostor)
        self.assertEqual(self.bob.lines("alice"), ["KEY_CHANGED", "KEY_KEPT", "KEY_CHANGED"])

        # Taken in, Bob accepts. The log has never heard of that key, so its word about Alice is the next change.
        self.bob.run("contact", "accept", "alice")
        self.bob.run("send", "alice", "fourth", "--wait", PATIENCE, expect=REFUSED)
        contact = self.bob.run("contact", "show", "alice").document()
        self.assertEqual((contact["fingerprint"], contact["changed_fingerprint"]), (impostor["fingerprint"], true_key))
        self.assertEqual(self.bob.lines("alice")[-2:], ["KEY_ACCEPTED", "KEY_CHANGED"])
        self.assertEqual(self.waiting(impostor), 0)

        self.tell_truth()
        self.bob.run("contact", "accept", "alice")
        self.assertEqual(self.bob.send("alice", "fifth")["state"], "SENT")
        self.assertEqual([text for _, text in self.alice.receive()], ["first", "second", "third", "fourth", "fifth"])
        self.assertEqual(self.bob.run("contact", "show", "alice").document()["fingerprint"], true_key)
        self.assertEqual(self.bob.lines("alice")[-1], "KEY_ACCEPTED")

    def test_an_impostor_in_the_log_gets_nothing_and_the_owner_is_told(self):
        impostor = self.server.operator("impostor", "alice", "--in-log")
        self.expect_stopped("for alice alone", impostor)
        told = []

        def alarmed():
            told.extend(self.alice.run("receive", "--wait", PATIENCE).told)
            return any(problem.get("code") == "OWN_ENTRY_WRONG" for problem in told)

        self.assertTrue(eventually(alarmed), told)
        words = next(problem["detail"] for problem in told if problem.get("code") == "OWN_ENTRY_WRONG")
        self.assertIn("a list of your devices that none of them published", words)
        self.assertIn("Compare fingerprints with them over another channel", words)
        # Whoever meets Alice now has nothing to compare with: to them the impostor is Alice, until somebody tells them.
        carol = self.person("carol")
        self.assertEqual(carol.run("contact", "show", "alice").document()["fingerprint"], impostor["fingerprint"])

    def test_what_is_accepted_goes_to_whom_the_accepted_key_belongs(self):
        impostor = self.server.operator("impostor", "alice", "--in-log", "--alone")
        self.expect_stopped("for whom bob says", impostor)
        cut_off = self.alice.run("receive", "--wait", PATIENCE, expect=REFUSED)
        self.assertIn("the server does not accept this device any more", cut_off.err)
        self.assertIn("warn your contacts", cut_off.err)

        self.bob.run("contact", "accept", "alice")
        self.assertEqual(self.bob.send("alice", "after that")["state"], "SENT")
        kept = next(m for m in self.bob.history("alice") if m["body"] == "for whom bob says")
        self.assertEqual(kept["state"], "SENT")
        self.assertGreater(self.waiting(impostor), 0)
        contact = self.bob.run("contact", "show", "alice").document()
        self.assertEqual((contact["fingerprint"], contact["verified_by"]), (impostor["fingerprint"], "ACCEPTED_AFTER_CHANGE"))

    def test_an_older_device_list_is_not_believed_by_who_has_seen_no_other(self):
        request, grant = self.folder / "request", self.folder / "grant"
        tablet, carol = self.person("tablet", registered=False), self.person("carol")
        tablet.run("devices", "request", "--server", self.server.address, "--device-name", "tablet", "--output", request)
        self.alice.run("devices", "approve", request, "--output", grant, "--yes", "--wait", PATIENCE)
        tablet.run("devices", "join", grant, "--wait", PATIENCE)
        self.keep_truth()
        self.assertEqual(self.server.operator("older-list", "alice")["version"], 1)
        stopped = carol.run("send", "alice", "to both", "--wait", PATIENCE, expect=REFUSED)
        self.assertIn("the server's log has a newer device list than the server shows", stopped.err)
        self.assertEqual(stopped.records[-1]["state"], "QUEUED")
        self.tell_truth()
        self.assertEqual(carol.send("alice", "to both again")["state"], "SENT")
        for device in (self.alice, tablet):
            device.receive()
            self.assertEqual(device.arrived("carol"), ["to both", "to both again"])

    def test_a_name_given_to_somebody_else_is_told_to_its_owner(self):
        mallory = self.person("mallory")
        self.server.operator("name", "alice", "mallory")
        told = self.alice.run("receive", "--wait", PATIENCE).told
        words = [problem["detail"] for problem in told if problem.get("code") == "OWN_ENTRY_WRONG"]
        self.assertTrue(words and "gives your name to somebody else" in words[0], told)
        # Bob was proven that the name is hers less than an hour ago, and knows her account and keys.
        self.assertEqual(self.bob.send("alice", "for alice alone")["state"], "SENT")
        self.assertEqual(self.alice.receive(), [("bob", "for alice alone")])
        self.assertEqual(mallory.receive(), [])

    def test_two_logs_of_one_server_are_proven_to_whom_it_showed_both(self):
        carol = self.person("carol")
        self.keep_truth()
        self.person("dave")
        self.assertEqual(self.bob.send("dave", "hello")["state"], "SENT")
        self.tell_truth()  # as it was before Dave, and goes on in another way
        erin = self.person("erin")
        stopped = self.bob.run("send", "erin", "hello", "--wait", PATIENCE, expect=REFUSED)
        self.assertIn("two histories of its directory that contradict each other", stopped.err)
        self.assertIn("sotto log evidence --to FILE", stopped.err)
        self.assertTrue(self.bob.run("log", "status").document()["forked"])
        # Nothing leaves any more, not even for somebody long known.
        self.bob.run("send", "alice", "are you there?", "--wait", 3, expect=None)
        self.assertEqual(self.bob.history("alice")[-1]["state"], "QUEUED")
        self.assertEqual((erin.receive(), self.alice.receive()), ([], []))
        # Anybody can check it, and who saw one log only goes on.
        evidence = self.folder / "evidence"
        self.bob.run("log", "evidence", "--to", evidence)
        judged = run_program([AUDIT, "--data-dir", self.folder / "auditor", "--json", "verify", evidence], expect=ALARM).document()
        self.assertTrue(judged["proven"], judged)
        self.assertEqual(carol.send("erin", "hello")["state"], "SENT")
        self.assertEqual(erin.receive(), [("carol", "hello")])


if __name__ == "__main__":
    unittest.main(verbosity=2)
