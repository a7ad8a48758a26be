#!/usr/bin/env python3
"""A new device joins by the code or QR code that another one shows, with real programs."""

import os
import unittest

import support

PASSWORD = "several short words"


class Linking(support.Journey):
    def setUp(self):
        super().setUp()
        self.password_file = self.folder / "password"
        self.password_file.write_text(PASSWORD + "\n")
        self.wrong_password_file = self.folder / "wrong-password"
        self.wrong_password_file.write_text("other short words\n")
        self.said = {}  # what each person was told about the account's safety, by whichever command came next

    def set_password(self, person):
        person.run("password", "set", "--password-file", self.password_file, "--wait", support.PATIENCE)

    def listen(self, person, err):
        self.said.setdefault(person.folder, []).extend(
            support.json.loads(line) for line in err.splitlines() if '"kind"' in line)

    def offer(self, person, *options):
        """The process that offers, and what it shows."""
        process = person.start("devices", "link", "--wait", support.PATIENCE, *options)
        line = support.read_line(process, support.PATIENCE)
        self.assertTrue(line, process.communicate()[1] if process.poll() is not None else "no code in time")
        shown = support.json.loads(line)
        self.assertEqual(shown["stage"], "OFFERED", shown)
        process.person = person
        return process, shown

    def stages(self, process, expect):
        """What the offering process said after the code, once it ended."""
        out, err = process.communicate(timeout=support.PATIENCE)
        self.assertEqual(process.returncode, expect, out + err)
        self.listen(process.person, err)
        return [support.json.loads(line) for line in out.splitlines()], err

    def link(self, device, code, password=None, expect=support.OK, stdin=None):
        code_option = ["--code", code] if stdin is None else []
        run = device.run("link", "alice", "--server", self.server.address, "--device-name", "tablet",
                         "--password-file", password or self.password_file, "--wait", support.PATIENCE, *code_option,
                         expect=expect, stdin=stdin)
        self.listen(device, run.err)
        return run

    def notices(self, person):
        """What commands said about signing in and linking since the last call: each notice once."""
        self.listen(person, person.run("receive", "--wait", support.PATIENCE).err)
        return [each for each in self.said.pop(person.folder) if each["kind"].startswith(("SIGN", "LINK"))]

    @staticmethod
    def wrong(code):
        return ("0" if code[0] == "9" else str(int(code[0]) + 1)) + code[1:]

    def expect_both_receive(self, bob, first, second):
        bob.send("alice", "to both")
        self.assertIn(("bob", "to both"), first.receive())
        self.assertIn(("bob", "to both"), second.receive())
        second.send("bob", "from the tablet")
        self.assertIn(("alice", "from the tablet"), bob.receive())
        first.receive()
        self.assertIn("from the tablet", first.texts("bob"))

    def test_a_code_and_the_password_let_a_device_in_and_every_device_hears_of_it(self):
        alice, bob = self.person("alice"), self.person("bob")
        self.set_password(alice)
        tablet = self.person("tablet", registered=False)
        process, shown = self.offer(alice)
        self.assertRegex(shown["code"], r"^\d{3} \d{3}$")
        self.assertEqual(shown["qr"], "")
        joined = self.link(tablet, shown["code"])
        self.assertEqual([record.get("stage") for record in joined.records],
                         ["SIGNED_IN", "JOINED", "CONFIRMED", "LINKED", "READY"])
        told, _ = self.stages(process, support.OK)
        self.assertEqual([each["stage"] for each in told], ["JOINED", "CONFIRMED", "LINKED"])
        self.assertEqual(told[-1]["name"], "tablet")
        self.assertEqual(told[0]["address"], "127.0.0.1")
        self.assertEqual({device["name"] for device in tablet.run("devices").records},
                         {os.uname().nodename, "tablet"})
        self.assertEqual([(each["kind"], each["address"]) for each in self.notices(alice)], [("SIGNED_IN", "127.0.0.1")])
        self.assertEqual(self.notices(alice), [])  # once
        self.assertEqual([each["kind"] for each in self.notices(tablet)], ["SIGNED_IN"])
        self.expect_both_receive(bob, alice, tablet)

        # A third one, its code on standard input: the second hears of it from the first.
        third = self.person("third", registered=False)
        process, shown = self.offer(alice)
        self.link(third, None, stdin=shown["code"] + "\n")
        self.stages(process, support.OK)
        details = [each["detail"] for each in self.notices(tablet) if each["kind"] == "LINK_ATTEMPT"]
        self.assertEqual(len(details), 3, details)
        self.assertIn('linked a device named "tablet"', details[-1])
        self.assertEqual(len(alice.run("devices").records), 3)

    def test_a_qr_code_lets_a_device_in_without_a_password(self):
        alice, bob = self.person("alice"), self.person("bob")
        tablet = self.person("tablet", registered=False)
        process, shown = self.offer(alice, "--qr")
        self.assertRegex(shown["qr"], r"^SOTTO:LINK/1/[A-Z2-7]+$")
        tablet.run("link", "--qr", "-", "--server", self.server.address, "--wait", support.PATIENCE,
                   stdin=shown["qr"] + "\n")
        self.stages(process, support.OK)
        self.expect_both_receive(bob, alice, tablet)
        again = self.person("again", registered=False)
        refused = again.run("link", "--qr", shown["qr"], "--server", self.server.address, "--wait", support.PATIENCE,
                            expect=support.REFUSED)
        self.assertIn("no device of the account shows a code", refused.err)
        again.run("link", "--qr", shown["qr"][:-1], "--server", self.server.address, expect=support.USAGE)

    def test_three_wrong_codes_pause_linking_on_both_sides(self):
        alice = self.person("alice")
        self.set_password(alice)
        desk, tablet = self.person("desk", registered=False), self.person("tablet", registered=False)
        process, shown = self.offer(alice)
        self.link(desk, shown["code"])
        self.stages(process, support.OK)
        self.notices(desk)
        for attempt in range(3):
            process, shown = self.offer(alice)
            refused = self.link(tablet, self.wrong(shown["code"]), expect=support.REFUSED)
            self.assertIn("the codes differ", refused.err)
            told, err = self.stages(process, support.REFUSED)
            self.assertIn("FAILED", [each["stage"] for each in told])
            self.assertEqual("PAUSED" in [each["stage"] for each in told], attempt == 2)
            self.assertIn("the codes differ", err)
        paused = alice.run("devices", "link", "--wait", support.PATIENCE, expect=support.REFUSED)
        self.assertIn("paused", paused.err)
        self.assertIn("paused", self.link(tablet, "123456", expect=support.REFUSED).err)
        kinds = [each["kind"] for each in self.notices(desk)]
        self.assertEqual(kinds.count("LINKING_PAUSED"), 1, kinds)
        self.assertEqual(kinds.count("LINK_ATTEMPT"), 5, kinds)
        self.assertEqual(kinds.count("SIGNED_IN"), 3, kinds)
        self.assertEqual(len(alice.run("devices").records), 2)

    def test_a_password_that_is_guessed_at_is_closed_and_the_devices_hear_of_it(self):
        alice = self.person("alice")
        self.set_password(alice)
        tablet = self.person("tablet", registered=False)
        for _ in range(10):
            refused = self.link(tablet, "123456", self.wrong_password_file, expect=support.REFUSED)
            self.assertIn("password is wrong", refused.err)
        locked = self.link(tablet, "123456", expect=support.REFUSED)
        self.assertIn("closed for a while", locked.err)
        kinds = [each["kind"] for each in self.notices(alice)]
        self.assertEqual(kinds, ["SIGN_IN_FAILED"] * 9 + ["SIGN_IN_LOCKED"])
        nobody = tablet.run("link", "nobody", "--server", self.server.address, "--password-file", self.password_file,
                            "--code", "123456", expect=support.REFUSED)
        self.assertIn("password is wrong", nobody.err)
        # The operator can hand over that, and no more.
        report = self.server.admin("report", "alice")
        self.assertEqual(report["failed_sign_ins"], 10)
        self.assertEqual(len(report["notices"]), 10)
        # A new password by a device opens it again; without one it stays closed.
        self.set_password(alice)
        process, shown = self.offer(alice)
        self.link(tablet, shown["code"])
        self.stages(process, support.OK)
        alice.run("password", "remove", "--wait", support.PATIENCE)
        process, shown = self.offer(alice)
        third = self.person("third", registered=False)
        self.assertIn("password is wrong", self.link(third, shown["code"], expect=support.REFUSED).err)
        process.terminate()
        _, err = self.stages(process, support.REFUSED)
        self.assertIn("withdrawn", err)

    def test_what_makes_no_sense_is_refused_with_the_next_step(self):
        alice, tablet = self.person("alice"), self.person("tablet", registered=False)
        weak = self.folder / "weak"
        for text, words in ("short", "at least 10 characters"), ("", "is empty"):
            weak.write_text(text + "\n")
            refused = alice.run("password", "set", "--password-file", weak, expect=support.USAGE)
            self.assertIn(words, refused.err)
        self.assertIn("six digits", self.link(tablet, "12345", expect=support.USAGE).err)
        self.assertIn("password file cannot be read",
                      self.link(tablet, "123456", self.folder / "missing", expect=support.USAGE).err)
        tablet.run("link", "--server", self.server.address, expect=support.USAGE)
        tablet.run("devices", "link", expect=support.NO_PROFILE)
        self.assertIn("already has an account",
                      alice.run("link", "alice", "--server", self.server.address, "--password-file",
                                self.password_file, "--code", "123456", expect=support.USAGE).err)
        self.assertEqual(tablet.run("status").records[-1]["stage"], "WAITING_FOR_LINK")


if __name__ == "__main__":
    unittest.main(verbosity=2)
