#!/usr/bin/env python3
"""A second device joins an account by two files."""

import unittest

import support


class Devices(support.Journey):
    def link(self, first, second, name="tablet"):
        request, grant = self.folder / "request", self.folder / "grant"
        second.run("devices", "request", "--server", self.server.address, "--device-name", name, "--output",
                   request)
        first.run("devices", "approve", request, "--output", grant, "--yes", "--wait", support.PATIENCE)
        second.run("devices", "join", grant, "--wait", support.PATIENCE)
        return request, grant

    def test_both_devices_get_messages_and_copies_of_what_the_other_sent(self):
        alice, laptop = self.person("alice"), self.person("bob")
        tablet = self.person("tablet", registered=False)
        alice.send("bob", "before there was a tablet")
        laptop.receive()
        self.link(laptop, tablet)
        self.assertEqual({device["name"] for device in tablet.run("devices").records} - {""},
                         {device["name"] for device in laptop.run("devices").records} - {""})
        self.assertEqual(len(tablet.run("devices").records), 2)

        alice.send("bob", "to both")
        self.assertEqual(laptop.receive(), [("alice", "to both")])
        # Only now does the laptop tell the tablet whom they know; until then alice is a stranger to it.
        self.assertIn(("alice", "to both"), tablet.receive())

        laptop.send("alice", "from the laptop")
        tablet.receive()
        copies = [m for m in tablet.history("alice") if m["body"] == "from the laptop"]
        self.assertEqual([m["outgoing"] for m in copies], [True])
        tablet.send("alice", "from the tablet")
        laptop.receive()
        self.assertIn("from the tablet", laptop.texts("alice"))
        self.assertEqual(alice.receive(), [("bob", "from the laptop"), ("bob", "from the tablet")])

    def three_devices(self):
        """Alice, and Bob's laptop, tablet and phone, all of which have heard of each other."""
        alice, laptop = self.person("alice"), self.person("bob")
        tablet, phone = self.person("tablet", registered=False), self.person("phone", registered=False)
        self.link(laptop, tablet)
        self.link(laptop, phone, "phone")
        for person in (laptop, tablet, phone):
            person.run("receive", "--wait", support.PATIENCE)
        alice.send("bob", "hello all")
        for person in (laptop, tablet, phone, laptop, alice):
            person.run("receive", "--wait", support.PATIENCE)
        return alice, laptop, tablet, phone

    @staticmethod
    def names(person):
        return sorted(device["name"] for device in person.run("devices").records)

    @staticmethod
    def id_of(person):
        return person.run("status").document()["device"]

    def test_a_device_gets_another_name_everywhere(self):
        laptop, tablet = self.person("bob"), self.person("tablet", registered=False)
        self.link(laptop, tablet)
        renamed = laptop.run("devices", "rename", "tablet", "kitchen").document()
        self.assertEqual((renamed["name"], renamed["device"]), ("kitchen", self.id_of(tablet)))
        tablet.run("receive", "--wait", support.PATIENCE)
        self.assertIn("kitchen", self.names(tablet))
        tablet.run("devices", "rename", "cellar")
        laptop.run("receive", "--wait", support.PATIENCE)
        self.assertIn("cellar", self.names(laptop))
        laptop.run("devices", "rename", self.id_of(tablet)[:8], "attic")
        self.assertIn("attic", self.names(laptop))
        laptop.run("devices", "rename", "fridge", "x", expect=support.USAGE)
        laptop.run("devices", "rename", "attic", "a\x1b[2J", expect=support.USAGE)
        laptop.run("devices", "rename", "attic", "x" * 65, expect=support.USAGE)

    def test_any_of_three_devices_is_enough(self):
        alice, laptop, tablet, phone = self.three_devices()
        tablet.send("alice", "from the tablet alone")
        self.assertIn(("bob", "from the tablet alone"), alice.receive())
        alice.send("bob", "to whoever is there")
        self.assertIn(("alice", "to whoever is there"), phone.receive())
        phone.send("alice", "from the phone")
        for person in (laptop, tablet, phone):
            person.run("receive", "--wait", support.PATIENCE)
            self.assertEqual(person.texts("alice")[-3:],
                             ["from the tablet alone", "to whoever is there", "from the phone"])

    def test_a_removed_device_gets_nothing_more_and_everybody_is_told(self):
        alice, laptop, tablet, phone = self.three_devices()
        laptop.run("devices", "remove", "tablet", expect=support.REFUSED, stdin="n\n")
        self.assertEqual(len(laptop.run("devices").records), 3)
        gone = self.id_of(tablet)
        left = laptop.run("devices", "remove", gone[:8], "--yes", "--wait", support.PATIENCE)
        self.assertEqual(sorted(device["name"] for device in left.records), self.names(laptop))
        self.assertEqual(len(left.records), 2)
        self.assertIn("DEVICE_REMOVED", [told.get("kind") for told in left.told])

        alice.send("bob", "not for the tablet")
        told = phone.run("receive", "--wait", support.PATIENCE)
        self.assertIn("not for the tablet", [m["body"] for m in told.records])
        self.assertEqual([t.get("kind") for t in told.told if t.get("kind") == "DEVICE_REMOVED"], ["DEVICE_REMOVED"])
        again = phone.run("receive", "--wait", support.PATIENCE)
        self.assertNotIn("DEVICE_REMOVED", [t.get("kind") for t in again.told], "a notice is shown once")
        self.assertEqual(self.names(phone), self.names(laptop), "the names open under the new key")

        refused = tablet.run("receive", "--wait", support.PATIENCE, expect=support.REFUSED)
        self.assertIn("removed", refused.err)
        tablet.run("devices", "rename", "mine", "--wait", 5, expect=support.REFUSED)
        self.assertNotIn("not for the tablet", tablet.texts("alice"))
        self.assertEqual(alice.lines("bob")[-1], "DEVICE_REMOVED")
        self.assertEqual(laptop.lines("alice")[-1], "DEVICE_REMOVED")
        line = [m for m in alice.history("bob") if "system" in m][-1]
        self.assertEqual((line["system"]["devices"], line["sender"]), ([gone], "bob"))
        laptop.send("alice", "still here")
        self.assertIn(("bob", "still here"), alice.receive())

    def test_a_device_can_remove_itself_but_not_the_last_one(self):
        alice, laptop = self.person("alice"), self.person("bob")
        laptop.run("devices", "remove", self.id_of(laptop)[:8], "--yes", expect=support.REFUSED)
        tablet = self.person("tablet", registered=False)
        self.link(laptop, tablet)
        status = tablet.run("devices", "remove", "tablet", "--yes", "--wait", support.PATIENCE).document()
        self.assertEqual(status["stage"], "REMOVED")
        tablet.run("send", "alice", "x", expect=support.NO_PROFILE)
        tablet.run("receive", expect=support.NO_PROFILE)
        tablet.run("conversations")  # what it has can be read
        self.assertEqual(tablet.run("status").document()["stage"], "REMOVED")
        laptop.run("receive", "--wait", support.PATIENCE)
        self.assertEqual(len(laptop.run("devices").records), 1)
        laptop.send("alice", "alone again")
        self.assertEqual(alice.receive(), [("bob", "alone again")])

    def test_a_device_is_taken_out_and_its_profile_erased(self):
        alice, laptop = self.person("alice"), self.person("bob")
        tablet = self.person("tablet", registered=False)
        laptop.run("deregister", "--device", "--yes", expect=support.REFUSED)  # the last one
        laptop.run("deregister", "--yes", expect=support.USAGE)
        laptop.run("deregister", "--device", "--account", "--yes", expect=support.USAGE)
        self.link(laptop, tablet)
        tablet.run("deregister", "--device", expect=support.REFUSED, stdin="n\n")
        tablet.send("alice", "written before it left")
        self.assertEqual(alice.receive(), [("bob", "written before it left")])
        status = tablet.run("deregister", "--device", "--yes", "--wait", support.PATIENCE).document()
        self.assertEqual(status["stage"], "REMOVED")
        self.assertTrue((tablet.folder / "store.db").exists())
        tablet.run("deregister", "--device", "--erase", "--yes")
        self.assertFalse(tablet.folder.exists())
        laptop.run("receive", "--wait", support.PATIENCE)
        self.assertEqual(len(laptop.run("devices").records), 1)

    def test_an_account_that_is_turned_off_is_gone_for_everybody(self):
        alice, laptop = self.person("alice"), self.person("bob")
        tablet = self.person("tablet", registered=False)
        self.link(laptop, tablet)
        alice.send("bob", "hello both")
        laptop.receive()
        self.server.kill()
        laptop.run("send", "alice", "written while the server was down", "--wait", 0, expect=support.QUEUED)
        laptop.run("deregister", "--account", "--yes", "--wait", 2, expect=support.UNREACHABLE)
        self.server.start()

        laptop.run("deregister", "--account", expect=support.REFUSED, stdin="y\nn\n")
        ended = laptop.run("deregister", "--account", "--yes", "--wait", support.PATIENCE).document()
        self.assertEqual(ended["stage"], "RETIRED")
        self.assertEqual(alice.receive(), [("bob", "written while the server was down")], "it waited until it was sent")

        self.server.kill()  # what was answered is durable
        self.server.start()
        told = tablet.run("receive", "--wait", support.PATIENCE, expect=support.REFUSED)
        self.assertIn("turned off for good", told.err)
        ended = tablet.run("deregister", "--account", "--yes", "--wait", support.PATIENCE).document()
        self.assertEqual(ended["stage"], "RETIRED")
        told = alice.run("send", "bob", "anybody there?", "--wait", support.PATIENCE, expect=support.REFUSED)
        self.assertIn("ACCOUNT_GONE", [problem.get("code") for problem in told.told])
        self.assertEqual(alice.history("bob")[-1]["state"], "FAILED")
        self.assertIn("ACCOUNT_RETIRED", alice.lines("bob"))
        for sender in (laptop, tablet):
            sender.run("send", "alice", "x", expect=support.NO_PROFILE)
        self.person("another", registered=False).run("register", "bob", "--server", self.server.address,
                                                     "--wait", support.PATIENCE, expect=support.REFUSED)
        held = self.server.admin("report", "bob")
        self.assertIn("turned_off_ms", held)
        for device in held["devices"]:
            self.assertEqual((device["waiting_envelopes"], device["one_time_prekeys"]), (0, 0))
        self.assertIn("hello both", laptop.texts("alice"))
        laptop.run("deregister", "--account", "--erase", "--yes")
        self.assertFalse(laptop.folder.exists())

    def test_files_that_do_not_fit_are_refused(self):
        laptop, tablet = self.person("bob"), self.person("tablet", registered=False)
        request, grant = self.link(laptop, tablet)
        other = self.person("other", registered=False)
        other.run("devices", "request", "--server", self.server.address, "--output", self.folder / "other-request")
        other.run("devices", "join", grant, expect=support.REFUSED)
        laptop.run("devices", "approve", grant, "--yes", expect=support.REFUSED)
        tablet.run("devices", "join", grant, expect=support.REFUSED)
        laptop.run("devices", "approve", self.folder / "missing", "--yes", expect=support.USAGE)
        other.run("send", "bob", "too early", expect=support.NO_PROFILE)

    def test_nobody_is_added_without_a_yes(self):
        laptop, tablet = self.person("bob"), self.person("tablet", registered=False)
        request = self.folder / "request"
        tablet.run("devices", "request", "--server", self.server.address, "--output", request)
        laptop.run("devices", "approve", request, expect=support.REFUSED, stdin="n\n")
        self.assertEqual(len(laptop.run("devices").records), 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
