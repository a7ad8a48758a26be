#!/usr/bin/env python3
"""What strangers send: nobody is told, nothing is fetched, links lead nowhere, until the user decides; on all devices."""

import json
import pathlib
import tempfile
import time
import unittest

import support
from support import OK, PATIENCE, QUEUED, REFUSED, USAGE, run_program

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

    def test_a_stranger_is_reported_to_the_operator_with_what_the_user_saw(self):
        bob, eve = self.bob, self.person("eve")
        eve.send("bob", "buy\x1b[2J now")
        eve.send("bob", "or else")
        self.requests(bob)
        refused = bob.run("requests", "report", "eve", "--why", "sells things", expect=REFUSED)
        self.assertIn("--yes", refused.told[-1]["message"])
        self.assertEqual(self.server.admin("reports", "list")["reports"], [])
        told = bob.run("requests", "report", "eve", "--why", "sells things", "--with-messages", "--yes", "--wait", PATIENCE)
        self.assertEqual([m["body"] for m in told.records[:-1]], ["buy\x1b[2J now", "or else"], "shown first")
        self.assertTrue(told.records[-1]["sent"] and told.records[-1]["blocked"])
        self.assertEqual(self.requests(bob), [])
        self.assertEqual([b["conversation"] for b in bob.run("requests", "blocked").records], ["eve"])

        self.alice.run("contact", "show", "eve")
        self.alice.send("eve", "hello")
        self.alice.run("requests", "report", "eve", "--keep", "--yes", "--wait", PATIENCE)
        heads = self.server.admin("reports", "list")["reports"]
        self.assertEqual([h["handles"] for h in heads], [["eve"], ["eve"]])
        self.server.kill()
        self.server.start()
        shown = self.server.admin("reports", "show", heads[1]["report"])
        self.assertEqual(shown["why"], "sells things")
        self.assertEqual([s["text"] for s in shown["said_according_to_the_reporter"]], ["buy\x1b[2J now", "or else"])
        self.assertNotIn("bob", json.dumps(shown), "who reported is not kept")
        self.assertEqual(self.server.admin("reports", "show", heads[0]["report"])["said_according_to_the_reporter"], [])
        plain = run_program([support.SOTTOD, "--data-dir", self.server.folder, "admin", "reports", "show", heads[1]["report"]], OK)
        self.assertNotIn("\x1b", plain.out)
        self.assertTrue(self.server.admin("reports", "dismiss", heads[1]["report"])["dismissed"])
        self.assertEqual(len(self.server.admin("reports", "list")["reports"]), 1)
        gone = [support.SOTTOD, "--data-dir", self.server.folder, "admin", "reports", "show", heads[1]["report"]]
        self.assertIn("no such report", run_program(gone, 1).err)

        bob.run("requests", "unblock", "eve", "--wait", PATIENCE)
        self.assertEqual(bob.run("requests", "blocked").records, [])
        eve.send("bob", "sorry")
        self.assertEqual(self.requests(bob), [("eve", 1)])

    def test_what_to_look_out_for_is_said_in_two_languages(self):
        english, swedish = (self.bob.run("safety", "--language", language).records for language in ("en", "sv"))
        self.assertEqual([card["id"] for card in english], [card["id"] for card in swedish])
        self.assertIn("smishing", [card["id"] for card in english])


class FirstContacts(support.Journey):
    """The server lets an account begin to write to so many others; what is too much waits and goes by itself."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sotto-journey."))
        self.server = support.Server(self.folder / "server", 'metrics = "off"\nlog_level = "warning"\n[limits]\n'
                                     "first_contacts_per_hour = 2\nfirst_contacts_per_day = 3\n")
        self.server.start()

    def test_whoever_writes_to_many_waits_and_a_crash_of_the_server_forgives_nothing(self):
        checked = run_program([support.SOTTOD, "check-config", "--data-dir", self.server.folder], OK)
        self.assertIn("to 2 others in an hour and to 3 in a day", checked.out)
        people = [self.person(name) for name in ("one", "two", "three")]
        eve = self.person("eve")
        for person in ("one", "two"):
            eve.send(person, "buy")
        for attempt in range(2):
            began = time.monotonic()
            late = eve.run("send", "three", f"buy {attempt}", "--wait", PATIENCE, expect=QUEUED)
            self.assertLess(time.monotonic() - began, PATIENCE / 2, "there is nothing to wait for")
            told = [line for line in late.told if line.get("code") == "FIRST_CONTACT_LIMITED"]
            self.assertEqual([problem["subject"] for problem in told], ["three"])
            self.assertIn("the message is kept", told[0]["detail"])
            self.server.kill()
            self.server.start()
        self.assertEqual([m["state"] for m in eve.history("three")], ["QUEUED", "QUEUED"])
        self.assertEqual(self.server.admin("report", "eve")["began_to_write_to_in_24_hours"], 2)
        self.assertEqual(people[2].receive(), [])
        # Whom one wrote to before one goes on writing to, and who answers is not hindered.
        eve.send("one", "buy more")
        self.assertEqual(people[0].receive(), [("eve", "buy"), ("eve", "buy more")])
        people[0].send("eve", "no")
        self.assertEqual(eve.receive(), [("one", "no")])


if __name__ == "__main__":
    unittest.main()
