#!/usr/bin/env python3
"""What strangers send: nobody is told, nothing is fetched, links lead nowhere, until the user decides; on all devices."""

import unittest

import support
from support import OK, PATIENCE, USAGE

LINK = "https://xn--80ak6aa92e.com/login"


class Requests(support.Journey):
    def setUp(self):
        super().setUp()
        self.alice = self.person("alice")
        self.bob = self.person("bob", rule="anybody")

    def link(self, first, second):
        request, grant = self.folder / "request", self.folder / "grant"
        second.run("devices", "request", "--server", self.server.address, "--device-name", "tablet", "--output",
                   request)
        first.run("devices", "approve", request, "--output", grant, "--yes", "--wait", PATIENCE)
        second.run("devices", "join", grant, "--wait", PATIENCE)
        first.run("receive", "--wait", PATIENCE)
        second.run("receive", "--wait", PATIENCE)

    def requests(self, person):
        person.run("receive", "--wait", PATIENCE)
        return [(r["conversation"], int(r["messages"])) for r in person.run("requests").records]

    def state(self, message_id):
        self.alice.run("receive", "--wait", PATIENCE)
        return next(m["state"] for m in self.alice.history("bob") if m["message_id"] == message_id)

    def test_a_stranger_waits_until_accepted_and_links_until_revealed(self):
        alice, bob = self.alice, self.bob
        tablet = self.person("tablet", registered=False)
        self.link(bob, tablet)
        picture = self.folder / "picture.bin"
        picture.write_bytes(b"x" * 1000)
        bob.run("downloads", "--from", "everybody")
        sent = alice.run("send", "bob", f"your account: {LINK}", "--attach", picture, "--wait", PATIENCE).records[-1]
        for device in (bob, tablet):
            self.assertEqual(device.receive(), [], "it is no message yet")
            self.assertEqual(self.requests(device), [("alice", 1)])
            self.assertEqual(device.run("conversations").records, [])
        self.assertEqual(bob.run("status").document()["requests"], "1")
        self.assertEqual(self.state(sent["message_id"]), "SENT")
        seen = bob.history("alice")[-1]
        self.assertTrue(seen["request"])
        self.assertEqual(seen["files"][0]["state"], "REMOTE")
        link = seen["links"][0]
        self.assertEqual((link["inert"], link["url"], link["resembles"]), (True, "", "apple.com"))
        self.assertIn("LOOKS_LIKE", link["warnings"])
        refused = bob.run("download", "alice", "--output", self.folder, expect=USAGE)
        self.assertIn("sotto requests accept", refused.err)
        bob.run("read", "alice")
        self.assertEqual(bob.run("typing", "alice").code, OK)
        self.assertEqual(self.state(sent["message_id"]), "SENT")

        self.assertFalse(bob.run("requests", "accept", "alice").records[-1]["request"])
        self.assertEqual(self.requests(tablet), [], "the other device followed")
        self.assertEqual(self.state(sent["message_id"]), "DELIVERED")
        self.assertTrue(bob.history("alice")[-1]["links"][0]["inert"], "accepting reveals nothing")
        shown = bob.run("links", "alice", "last").records[-1]["links"][0]
        self.assertEqual((shown["inert"], shown["url"]), (False, LINK))
        bob.run("download", "alice", "--output", self.folder / "got", "--wait", PATIENCE)
        self.assertEqual((self.folder / "got").read_bytes(), b"x" * 1000)
        bob.run("requests", "accept", "alice", expect=USAGE)

    def test_answering_accepts_and_deleting_and_blocking_do_not(self):
        bob, eve, mallory = self.bob, self.person("eve"), self.person("ma11ory")
        tablet = self.person("tablet", registered=False)
        self.link(bob, tablet)
        self.alice.send("bob", f"look: {LINK}")
        self.requests(bob)
        bob.send("alice", "who are you?")
        self.assertEqual(self.requests(bob), [])
        self.assertTrue(bob.history("alice")[0]["links"][0]["inert"])

        eve.send("bob", "buy")
        self.assertEqual(self.requests(bob), [("eve", 1)])
        self.assertEqual(self.requests(tablet), [("eve", 1)])
        bob.run("requests", "delete", "eve", "--wait", PATIENCE)
        self.assertEqual(self.requests(tablet), [])
        self.assertEqual(tablet.texts("eve"), [])
        eve.run("receive", "--wait", PATIENCE)
        self.assertEqual(eve.history("bob")[-1]["state"], "SENT")
        eve.send("bob", "buy this")
        self.assertEqual(self.requests(bob), [("eve", 1)])
        tablet.run("receive", "--wait", PATIENCE)
        tablet.run("requests", "block", "eve", "--wait", PATIENCE)
        self.assertEqual(self.requests(bob), [])
        eve.send("bob", "buy that")
        self.assertEqual(self.requests(bob), [])
        self.assertEqual(bob.texts("eve"), [])

        mallory.send("bob", "it is me")
        self.requests(bob)
        bob.run("requests", "accept", "ma11ory", "--wait", PATIENCE)
        self.person("mallory").send("bob", "no, me")
        self.requests(bob)
        self.assertEqual(bob.run("requests").records[-1]["contact"]["resembles"], "ma11ory")

    def test_the_user_says_who_may_write_first(self):
        alice, bob = self.alice, self.bob
        self.assertEqual(bob.run("requests", "from", "nobody").records[-1]["from"], "NOBODY")
        alice.send("bob", "into the void")
        self.assertEqual(self.requests(bob), [])
        self.assertEqual(bob.run("contact", "show", "alice").records[-1]["handle"], "alice")
        bob.run("requests", "from", "link")
        link = bob.run("requests", "link").records[-1]["link"]
        self.assertEqual(bob.run("requests", "link").records[-1]["link"], link)
        eve = self.person("eve")
        eve.run("contact", "add", "SOTTO:CONTACT/1/bob", expect=USAGE)
        eve.run("contact", "add", link)
        eve.send("bob", "I have your link")
        self.assertEqual(self.requests(bob), [("eve", 1)])
        self.assertNotEqual(bob.run("requests", "link", "--renew").records[-1]["link"], link)
        self.assertEqual(bob.run("requests", "link", "--withdraw").records[-1]["link"], "")
        bob.run("requests", "from", "open")
        alice.send("bob", "hello")
        self.assertIn(("alice", "hello"), bob.receive())
        self.assertEqual(self.requests(bob), [])


if __name__ == "__main__":
    unittest.main()
