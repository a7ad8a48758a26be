#!/usr/bin/env python3
"""A second device joins an account by two files."""

import unittest

import support


class Devices(support.Journey):
    def link(self, first, second):
        request, grant = self.folder / "request", self.folder / "grant"
        second.run("devices", "request", "--server", self.server.address, "--device-name", "tablet", "--output",
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
        self.assertIn(("alice", "to both"), tablet.receive())
        self.assertEqual(laptop.receive(), [("alice", "to both")])

        laptop.send("alice", "from the laptop")
        tablet.receive()
        copies = [m for m in tablet.history("alice") if m["body"] == "from the laptop"]
        self.assertEqual([m["outgoing"] for m in copies], [True])
        tablet.send("alice", "from the tablet")
        laptop.receive()
        self.assertIn("from the tablet", laptop.texts("alice"))
        self.assertEqual(alice.receive(), [("bob", "from the laptop"), ("bob", "from the tablet")])

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
