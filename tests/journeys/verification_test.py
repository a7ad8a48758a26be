#!/usr/bin/env python3
"""Two people make sure of each other's keys, by twelve digits or a QR code."""

import json
import re
import unittest

import support


class Verification(support.Journey):
    def setUp(self):
        super().setUp()
        self.alice, self.bob = self.person("alice"), self.person("bob")
        self.alice.send("bob", "hello")
        self.bob.receive()
        self.bob.send("alice", "hello")
        self.alice.receive()

    @staticmethod
    def verified(person, whom):
        contact = person.run("contact", "show", whom).document()
        return contact["verified_by"]

    def compare(self, one, other):
        """Both run it at once; what each ended with: (exit status, records, standard error)."""
        processes = [self.alice.start("verify", "bob", "--wait", support.PATIENCE, *one),
                     self.bob.start("verify", "alice", "--wait", support.PATIENCE, *other)]
        ends = []
        for process in processes:
            out, err = process.communicate(timeout=support.PATIENCE)
            ends.append((process.returncode, [json.loads(line) for line in out.splitlines()], err))
        return ends

    def test_two_people_compare_digits(self):
        self.assertEqual(self.verified(self.alice, "bob"), "PINNED_AT_FIRST_CONTACT")
        ends = self.compare(["--yes"], ["--yes"])
        for status, records, err in ends:
            self.assertEqual((status, records[-1]["stage"]), (support.OK, "VERIFIED"), err)
        shown = [next(r["digits"] for r in records if r["stage"] == "COMPARE") for _, records, _ in ends]
        self.assertEqual(shown[0], shown[1])
        self.assertRegex(shown[0], r"^\d{4} \d{4} \d{4}$")
        for person, whom in ((self.alice, "bob"), (self.bob, "alice")):
            self.assertEqual(self.verified(person, whom), "VERIFIED_BY_DIGITS")
            self.assertEqual(person.lines(whom), ["VERIFIED"])
            conversation = person.run("conversations").records[0]
            self.assertEqual(conversation["security"]["verified_by"], "VERIFIED_BY_DIGITS")
        self.assertEqual(self.alice.send("bob", "now")["security"]["verified_by"], "VERIFIED_BY_DIGITS")
        self.assertEqual(self.alice.texts("bob"), ["hello", "hello", "now"])

        self.alice.run("verify", "bob", "--withdraw")
        self.assertEqual(self.verified(self.alice, "bob"), "PINNED_AT_FIRST_CONTACT")
        self.alice.run("verify", "bob", "--withdraw", expect=support.USAGE)

    def test_a_no_and_digits_typed_wrongly_end_without_a_verification(self):
        (refused, _, why), (typed, _, typing) = self.compare(["--no"], ["--digits", "0000 0000 0000"])
        self.assertEqual((refused, typed), (support.REFUSED, support.REFUSED))
        self.assertIn("digits differ", why)
        self.assertIn("typed", typing)
        for person, whom in ((self.alice, "bob"), (self.bob, "alice")):
            self.assertEqual(self.verified(person, whom), "PINNED_AT_FIRST_CONTACT")

    def test_the_user_is_asked(self):
        asked = self.bob.start("verify", "alice", "--wait", support.PATIENCE)
        other = self.alice.start("verify", "bob", "--wait", support.PATIENCE, "--yes")
        digits = next(r["digits"] for r in map(json.loads, asked.stdout) if r["stage"] == "COMPARE")
        self.assertRegex(digits, r"^\d{4} \d{4} \d{4}$")
        out, err = asked.communicate("y\n", timeout=support.PATIENCE)
        self.assertEqual((asked.returncode, json.loads(out)["stage"]), (support.OK, "VERIFIED"), err)
        self.assertIn("see the same?", err)
        other.communicate(timeout=support.PATIENCE)
        self.assertEqual(other.returncode, support.OK)
        self.assertEqual(self.verified(self.bob, "alice"), "VERIFIED_BY_DIGITS")

    def test_the_exchange_goes_through_the_process_that_is_connected(self):
        following = self.bob.start("receive", "--follow")
        self.assertTrue(support.eventually(self.bob.is_connected))
        for status, records, err in self.compare(["--yes"], ["--yes"]):
            self.assertEqual((status, records[-1]["stage"]), (support.OK, "VERIFIED"), err)
        support.end(following)
        self.assertEqual(self.verified(self.bob, "alice"), "VERIFIED_BY_DIGITS")

    def test_who_waits_alone_is_told_what_the_other_has_to_do(self):
        waiting = self.alice.run("verify", "bob", "--wait", 2, expect=support.QUEUED)
        self.assertIn("sotto verify", waiting.err)
        self.bob.run("verify", "nobody", expect=support.NO_SUCH_USER)
        self.bob.run("verify", "alice", "--stop", expect=support.USAGE)
        self.alice.run("verify", "bob", "--stop")

    def test_a_code_is_shown_and_scanned(self):
        code = self.bob.run("verify", "alice", "--qr").document()["qr"]
        self.assertRegex(code, r"^SOTTO:VERIFY/1/[A-Z2-7]+$")
        drawn = support.run_program([support.SOTTO, "--profile", self.bob.folder, "verify", "alice", "--qr"],
                                    support.OK, self.bob.environment())
        self.assertGreater(len(re.findall("[▀▄█]", drawn.out)), 500)
        self.assertEqual(self.alice.run("verify", "bob", "--scan", code).document()["stage"], "VERIFIED")
        self.assertEqual(self.verified(self.alice, "bob"), "VERIFIED_BY_QR")
        self.assertEqual(self.verified(self.bob, "alice"), "PINNED_AT_FIRST_CONTACT")
        own = self.alice.run("verify", "bob", "--qr").document()["qr"]
        self.assertIn("another conversation", self.alice.run("verify", "bob", "--scan", own, expect=support.REFUSED).err)
        self.alice.run("verify", "bob", "--scan", code[:-1], expect=support.USAGE)
        changed = code[:60] + ("A" if code[60] != "A" else "B") + code[61:]
        self.assertIn("NOT the same key", self.alice.run("verify", "bob", "--scan", changed, expect=support.REFUSED).err)


if __name__ == "__main__":
    unittest.main(verbosity=2)
