#!/usr/bin/env python3
"""What people say besides plain text, and say about it: between real programs."""

import json
import time
import unittest

import support


class Content(support.Journey):
    def setUp(self):
        super().setUp()
        self.alice, self.bob = self.person("alice"), self.person("bob")
        self.first = self.alice.send("bob", "Lunch at noon?")["message_id"]
        self.bob.receive()
        self.bob.send("alice", "Where?")
        self.alice.receive()

    def at(self, person, user, message_id):
        """The message as this person's client shows it after looking for news."""
        person.run("receive", "--wait", support.PATIENCE)
        return next((m for m in person.history(user) if m["message_id"] == message_id), None)

    def test_replies_reactions_edits_and_taking_back(self):
        alice, bob, first = self.alice, self.bob, self.first
        answer = bob.run("reply", "alice", first[:8], "Gladly").records[-1]
        self.assertEqual(answer["reply_to"]["body"], "Lunch at noon?")
        seen = bob.run("react", "alice", first[:8], "👍").records[-1]
        self.assertEqual([r["emoji"] for r in seen["reactions"]], ["👍"])
        shown = self.at(alice, "bob", first)
        self.assertEqual([(r["sender"], r["emoji"]) for r in shown["reactions"]], [("bob", "👍")])
        self.assertEqual(shown["state"], "READ")
        self.assertEqual(self.at(alice, "bob", answer["message_id"])["reply_to"]["message_id"], first)

        alice.run("edit", "bob", first, "Lunch at one?")
        shown = self.at(bob, "alice", first)
        self.assertEqual(shown["body"], "Lunch at one?")
        self.assertEqual([e["body"] for e in shown["earlier_texts"]], ["Lunch at noon?"])
        bob.run("edit", "alice", first, "forged", expect=support.USAGE)

        bob.run("react", "alice", first, "--remove")
        self.assertEqual(self.at(alice, "bob", first)["reactions"], [])
        alice.run("unsend", "bob", first)
        shown = self.at(bob, "alice", first)
        self.assertTrue(shown["unsent"])
        self.assertEqual((shown["body"], shown["earlier_texts"]), ("", []))

    def test_markup_travels_as_ranges_and_mentions_as_accounts(self):
        sent = self.alice.run("send", "bob", "*now*, @bob: `x`", "--markup", "--wait", support.PATIENCE).records[-1]
        shown = self.at(self.bob, "alice", sent["message_id"])
        self.assertEqual(shown["body"], "now, @bob: x")
        self.assertEqual([s["style"] for s in shown["spans"]], ["BOLD", "MENTION", "MONOSPACE"])
        self.assertEqual(shown["spans"][1]["mention"], self.bob.run("status").records[0]["account"])

    def test_a_message_disappears_on_both_sides(self):
        alice, bob = self.alice, self.bob
        brief = alice.run("send", "bob", "brief", "--expires", "3s", "--wait", support.PATIENCE).records[-1]
        self.assertGreater(int(brief["expires_ms"]), time.time() * 1000)
        self.assertTrue(support.eventually(lambda: "brief" not in alice.texts("bob") + bob.texts("alice")))
        bob.receive()
        self.assertNotIn("brief", bob.texts("alice"))
        alice.run("disappear", "bob", "1h", "--wait", support.PATIENCE)
        bob.receive()
        reply = bob.send("alice", "in an hour I am gone")
        self.assertAlmostEqual(int(reply["expires_ms"]) / 1000, time.time() + 3600, delta=support.PATIENCE)
        kinds = [m["kind"] for m in bob.history("alice")]
        self.assertIn("TIMER", kinds)
        alice.run("disappear", "bob", "off", "--wait", support.PATIENCE)
        bob.receive()
        self.assertEqual(bob.send("alice", "I stay")["expires_ms"], "0")
        alice.run("disappear", "bob", "soon", expect=support.USAGE)

    def test_receipts_and_typing_can_be_turned_off(self):
        alice, bob = self.alice, self.bob
        settings = bob.run("settings", "alice", "--read-receipts", "off").records[-1]["settings"]
        self.assertFalse(settings["read_receipts"])
        second = alice.send("bob", "Did you see this?")["message_id"]
        bob.receive()
        self.assertEqual(self.at(alice, "bob", second)["state"], "DELIVERED")
        bob.run("settings", "alice", "--read-receipts", "on")
        both = bob.run("settings", "alice", "--typing", "off", "--pinned", "on").records[-1]["settings"]
        self.assertEqual((both["typing"], both["pinned"], both["read_receipts"]), (False, True, True))
        bob.run("settings", "nobody", expect=support.NO_SUCH_USER)
        third = alice.send("bob", "And this?")["message_id"]
        bob.receive()
        self.assertEqual(self.at(alice, "bob", third)["state"], "READ")
        before = len(bob.history("alice"))
        self.assertEqual(alice.run("typing", "bob").code, support.OK)
        bob.receive()
        self.assertEqual(len(bob.history("alice")), before, "a sign of life is kept nowhere")

    def test_notes_are_for_own_devices_alone(self):
        note = self.alice.send("alice", "buy milk")
        self.assertEqual((note["state"], note["conversation"]), ("SENT", "alice"))
        self.assertEqual(self.alice.texts("alice"), ["buy milk"])
        conversation = [c for c in self.alice.run("conversations").records if c["kind"] == "NOTES"]
        self.assertEqual(len(conversation), 1)
        self.assertEqual(self.bob.receive(), [])

    def test_places_polls_pins_and_cards(self):
        alice, bob = self.alice, self.bob
        wait = ("--wait", support.PATIENCE)
        place = alice.run("location", "send", "bob", "59.34254", "18.04985", "--name", "Odenplan", "--live", "1h",
                          *wait).records[-1]["message_id"]
        alice.run("location", "move", "bob", place, "59.4", "18.1")
        shown = self.at(bob, "alice", place)
        self.assertEqual(shown["location"]["latitude_e7"], 594000000)
        self.assertGreater(int(shown["location"]["live_until_ms"]), time.time() * 1000)
        alice.run("location", "stop", "bob", place)
        self.assertLessEqual(int(self.at(bob, "alice", place)["location"]["live_until_ms"]), time.time() * 1000 + 1000)
        alice.run("location", "send", "bob", "99", "0", expect=support.USAGE)

        poll = alice.run("poll", "ask", "bob", "Where?", "here", "there", *wait).records[-1]["message_id"]
        bob.receive()
        bob.run("poll", "vote", "alice", poll, "2")
        self.assertEqual([o["voters"] for o in self.at(alice, "bob", poll)["poll"]["options"]], [[], ["bob"]])
        alice.run("poll", "close", "bob", poll)
        bob.receive()
        self.assertEqual(bob.run("poll", "vote", "alice", poll, "1", expect=support.USAGE).records, [])

        bob.run("pin", "alice", self.first)
        self.assertTrue(self.at(alice, "bob", self.first)["pinned"])
        card = alice.run("card", "bob", "Carol", "--phone", "+46701234567", *wait).records[-1]["message_id"]
        self.assertEqual(self.at(bob, "alice", card)["contact_card"]["name"], "Carol")
        link = alice.run("send", "bob", "see https://example.org/", "--preview-url", "https://example.org/",
                         "--preview-title", "An example", *wait).records[-1]["message_id"]
        self.assertEqual(self.at(bob, "alice", link)["preview"]["title"], "An example")

    def test_a_scheduled_message_is_sent_when_its_time_has_come(self):
        alice, bob = self.alice, self.bob
        dropped = alice.run("schedule", "add", "bob", "never mind", "--in", "1h").records[-1]["message_id"]
        alice.run("schedule", "add", "bob", "now it is time", "--in", "2s")
        self.assertEqual(len(alice.run("schedule", "list").records), 2)
        alice.run("schedule", "cancel", dropped[:8])
        self.assertEqual(bob.receive(), [])
        following = alice.start("receive", "--follow")
        self.assertTrue(support.eventually(lambda: bob.receive() == [("alice", "now it is time")]))
        support.end(following)
        self.assertEqual(alice.run("schedule", "list").records, [])
        alice.run("schedule", "add", "bob", "x", "--at", "2001-01-01 00:00", expect=support.USAGE)

    def test_own_devices_agree(self):
        alice, bob = self.alice, self.bob
        tablet = support.Person(self.folder / "tablet")
        request, grant = self.folder / "request", self.folder / "grant"
        alice.run("mute", "bob", "8h")
        tablet.run("devices", "request", "--server", self.server.address, "--device-name", "tablet", "--output", request)
        alice.run("devices", "approve", request, "--yes", "--output", grant)
        tablet.run("devices", "join", grant)
        alice.run("receive", "--wait", support.PATIENCE)
        fresh = bob.send("alice", "for both devices")["message_id"]
        alice.receive()
        tablet.send("bob", "connects, and takes in what is there without reading")
        conversation = next(c for c in tablet.run("conversations").records if c["conversation"] == "bob")
        self.assertEqual(conversation["unread"], "0", "it was read on the other one")
        self.assertGreater(int(conversation["settings"]["muted_until_ms"]), time.time() * 1000)
        self.assertIn(("bob", "for both devices"), tablet.receive(), "a reader gets it on each device")
        tablet.run("draft", "bob", "Dear Bob,")
        tablet.run("erase", "bob", fresh)
        alice.receive()
        self.assertIsNone(self.at(alice, "bob", fresh))
        self.assertEqual(alice.run("settings", "bob").records[0]["draft"], "Dear Bob,")
        self.assertIn("for both devices", bob.texts("alice"))

    def test_nothing_of_somebody_blocked_comes_in(self):
        self.bob.run("block", "alice")
        self.alice.send("bob", "let me in")
        self.assertEqual(self.bob.receive(), [])
        self.bob.run("send", "alice", "no", expect=support.USAGE)
        self.bob.run("unblock", "alice")
        self.alice.send("bob", "thanks")
        self.assertEqual(self.bob.receive(), [("alice", "thanks")])

    def test_history_is_for_people_too(self):
        self.bob.run("react", "alice", self.first, "👍")
        self.alice.receive()
        shown = support.run_program([a for a in self.alice.arguments("history", "bob", "--ids") if a != "--json"],
                                    support.OK, self.alice.environment()).out
        self.assertIn(self.first[:8] + " alice: Lunch at noon? (read)", shown)
        self.assertIn("    👍 bob\n", shown)

    def test_what_cannot_be_said_is_explained(self):
        def refusal(*words):
            result = self.alice.run(*words, expect=support.USAGE)
            return json.loads(result.err.splitlines()[-1])["message"]
        self.assertIn("one emoji", refusal("react", "bob", self.first, "thumbs up"))
        self.assertIn("no such message", refusal("react", "bob", "0000", "👍"))
        self.assertIn("no conversation", refusal("react", "carol", "last", "👍"))
        self.assertIn("not known yet", refusal("draft", "carol", "hello"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
