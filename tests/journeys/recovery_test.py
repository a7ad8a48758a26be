#!/usr/bin/env python3
"""All devices are lost: back with the printed key, or with two of three contacts; vetoes, wrong keys, drills."""

import re
import shutil
import time
import unittest

import support

KEY = re.compile(r"^\s+((?:[A-Z2-7]{4}-){8}[A-Z2-7]{4})\s*$")


class Recovery(support.Journey):
    def set_up(self, person, *options, type_wrongly=0):
        """Makes a recovery key as a person does: reads it off the screen, and types it."""
        process = person.start("recovery", "setup", "--confirm-from-stdin", "--wait", support.PATIENCE, *options)
        key = None
        while key is None:
            line = process.stderr.readline()
            self.assertNotEqual(line, "", "no key was shown")
            found = KEY.match(line)
            key = found and found.group(1)
        wrong = ("B" if key[0] == "A" else "A") + key[1:]
        out, err = process.communicate(f"{wrong}\n" * type_wrongly + key.lower().replace("-", " ") + "\n",
                                       timeout=support.PATIENCE)
        self.assertEqual(process.returncode, support.OK, err)
        self.assertNotIn(key[:9], out, "the key stands in a record")
        return key

    def status(self, person):
        return person.run("recovery").records[-1]

    def recover(self, name, handle, key, *options, expect=support.OK):
        device = self.person(name, registered=False)
        device.result = device.run("recover", handle, "--server", self.server.address, "--device-name", name,
                                   "--key-from-stdin", "--wait", support.PATIENCE, *options, stdin=key + "\n",
                                   expect=expect)
        return device

    def lose(self, person):
        shutil.rmtree(person.folder)

    def test_the_printed_key_brings_the_account_back_and_nobody_is_alarmed(self):
        alice, bob = self.person("alice"), self.person("bob")
        bob.send("alice", "before")
        alice.receive()
        self.assertEqual(self.status(alice)["independent_ways"], 0)
        key = self.set_up(alice, type_wrongly=2)
        status = self.status(alice)
        self.assertTrue(status["key"])
        self.assertEqual(status["independent_ways"], 1)
        account = alice.run("status").records[-1]["account"]
        fingerprint = bob.run("contact", "show", "alice").records[-1]["fingerprint"]
        self.lose(alice)

        phone = self.recover("phone", "Alice", key)
        stages = [record["stage"] for record in phone.result.records if "stage" in record and "detail" in record]
        self.assertEqual(stages, ["SLOT_OPENED", "PUBLISHED", "DONE"])
        self.assertEqual(phone.run("status").records[-1]["account"], account)
        self.assertEqual([device["name"] for device in phone.run("devices").records], ["phone"])
        phone.send("bob", "I am back")
        self.assertIn(("alice", "I am back"), bob.receive())
        bob.send("alice", "after")
        self.assertEqual(phone.receive(), [("bob", "after")])
        contact = bob.run("contact", "show", "alice").records[-1]
        self.assertEqual(contact["fingerprint"], fingerprint)
        self.assertEqual(contact["changed_fingerprint"], "")
        # The paper goes on working.
        drilled = phone.run("recovery", "drill", "--key-from-stdin", "--wait", support.PATIENCE, stdin=key + "\n")
        self.assertGreater(int(drilled.records[-1]["key_drilled_ms"]), int(status["key_drilled_ms"]))

    def test_the_former_devices_are_out_unless_the_user_says_otherwise(self):
        alice = self.person("alice")
        key = self.set_up(alice)
        phone = self.recover("phone", "alice", key, "--keep-devices")
        self.assertEqual(len(phone.run("devices").records), 2)
        alice.run("receive", "--wait", support.PATIENCE)
        tablet = self.recover("tablet", "alice", key)
        self.assertEqual(len(tablet.run("devices").records), 1)
        alice.run("receive", expect=support.REFUSED)

    def test_wrong_keys_open_nothing(self):
        alice, bob = self.person("alice"), self.person("bob")
        key, other = self.set_up(alice), self.set_up(bob)
        phone = self.recover("phone", "alice", other, expect=support.REFUSED)
        mistyped = ("B" if key[0] == "A" else "A") + key[1:]
        self.recover("phone", "alice", mistyped, expect=support.USAGE)
        self.recover("phone", "nobody", key, expect=support.REFUSED)
        phone.run("send", "bob", "too early", expect=support.NO_PROFILE)
        alice.run("recovery", "drill", "--key-from-stdin", stdin=other + "\n", expect=support.REFUSED)
        alice.run("recovery", "setup", "--confirm-from-stdin", stdin=key + "\n", expect=support.USAGE)
        # Whoever typed the new key wrongly three times has no new key.
        alice.run("recovery", "setup", "--replace", "--confirm-from-stdin", stdin=(key + "\n") * 3,
                  expect=support.USAGE)
        self.recover("phone", "alice", key)

    def test_a_replaced_key_and_a_removed_one_are_worthless(self):
        alice = self.person("alice")
        old = self.set_up(alice)
        new = self.set_up(alice, "--replace")
        self.recover("phone", "alice", old, expect=support.REFUSED)
        alice.run("recovery", "remove", stdin="n\n", expect=support.REFUSED)
        alice.run("recovery", "remove", "--yes", "--wait", support.PATIENCE)
        self.assertFalse(self.status(alice)["key"])
        self.recover("phone", "alice", new, expect=support.REFUSED)

    def with_contacts(self, delay):
        alice = self.person("alice")
        contacts = [self.person(name) for name in ("bob", "carol", "dave")]
        key = self.set_up(alice)
        alice.run("recovery", "contacts", "set", "--threshold", 2, "--delay", delay, "--key-from-stdin", "bob",
                  "carol", "dave", "--wait", support.PATIENCE, stdin=key + "\n")
        for contact in contacts:
            contact.receive()
        alice.receive()
        status = self.status(alice)
        self.assertEqual((status["contacts"], status["threshold"], status["contacts_confirmed"]), (3, 2, 3))
        self.assertEqual(status["independent_ways"], 2)
        return alice, contacts

    def request(self, device, name):
        file = self.folder / name
        device.run("recover", "alice", "--server", self.server.address, "--request-to", file)
        return file

    def release(self, contact, request, expect=support.OK):
        file = self.folder / f"share-{contact.folder.name}"
        contact.run("recovery", "release", request, "--output", file, "--yes", "--wait", support.PATIENCE,
                    expect=expect)
        return file

    def test_two_of_three_contacts_bring_the_account_back_after_the_delay(self):
        alice, (bob, carol, dave) = self.with_contacts(delay=3)
        self.lose(alice)
        phone = self.person("phone", registered=False)
        request = self.request(phone, "request")
        shown = re.search(r"Fingerprint of the request: (\S+)",
                          phone.run("recover", "alice", "--server", self.server.address, "--request-to", request).err)
        asked = bob.run("recovery", "release", request, stdin="n\n", expect=support.REFUSED)
        self.assertIn(shown.group(1), asked.err)
        for contact in (bob, dave):
            self.release(contact, request, expect=support.QUEUED)
        time.sleep(3.1)  # the delay, which a person chose
        shares = [self.release(contact, request) for contact in (bob, dave)]
        recover = ["recover", "alice", "--server", self.server.address, "--wait", support.PATIENCE, "--shares"]
        phone.run(*recover, shares[0], expect=support.REFUSED)
        phone.run(*recover, shares[0], request, expect=support.REFUSED)
        phone.run(*recover, *shares)
        phone.send("carol", "two friends helped")
        self.assertIn(("alice", "two friends helped"), carol.receive())
        self.assertEqual(self.status(phone)["threshold"], 2)

    def test_a_veto_stops_a_release_and_a_drill_counts_who_still_has_a_share(self):
        alice, (bob, carol, dave) = self.with_contacts(delay=2)
        thief = self.person("thief", registered=False)
        request = self.request(thief, "request")
        self.release(bob, request, expect=support.QUEUED)
        vetoed = alice.run("recovery", "veto", "--wait", support.PATIENCE)
        self.assertIn("RECOVERY_REQUESTED", vetoed.err)
        time.sleep(2.1)
        self.release(bob, request, expect=support.REFUSED)
        self.release(carol, request, expect=support.REFUSED)
        alice.run("recovery", "veto", expect=support.REFUSED)
        follower = bob.start("receive", "--follow")
        try:
            self.assertTrue(support.eventually(bob.is_connected))
            drilled = alice.run("recovery", "contacts", "drill", "--wait", 2)
            self.assertEqual(drilled.records[-1]["contacts_confirmed"], 3)
        finally:
            support.end(follower)
        self.release(dave, self.folder / "missing", expect=support.USAGE)


if __name__ == "__main__":
    unittest.main(verbosity=2)
