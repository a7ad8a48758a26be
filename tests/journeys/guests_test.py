#!/usr/bin/env python3
"""Five friends in a group, one leaves for text messages: the other four stay encrypted with each other, through the real Kannel."""

import pathlib
import shutil
import tempfile
import unittest

import kannel
from support import OK, REFUSED, Person, Server, eventually, run_program

INSECURE = 10
NAMES = ("alice", "bob", "carol", "dave", "erin")
ERIN = "+46701112233"
SERVERS_NUMBER = "46700000001"


@unittest.skipUnless(kannel.is_there(), "Kannel is not here; tools/deps brings it")
class Guests(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sotto-guests."))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.kannel = kannel.Kannel(self.folder / "kannel")
        self.kannel.start()
        self.addCleanup(self.kannel.stop)
        self.server = Server(self.folder / "server", 'metrics = "off"\n' + self.kannel.server_lines(senders="everybody"))
        self.server.start()
        self.addCleanup(self.server.stop)

    def friends(self):
        people = {}
        for name in NAMES:
            people[name] = Person(self.folder / name)
            people[name].register(name, self.server)
        people["alice"].run("group", "create", "friends", *NAMES[1:])
        self.settle(people.values())
        return people

    @staticmethod
    def settle(people):
        for _ in range(2):
            for person in people:
                person.receive()

    @staticmethod
    def newest(person, body):
        return next(message for message in person.history("#friends") if message["body"] == body)

    def goes_out(self, words):
        """The last text to Erin's telephone is this one."""
        return eventually(lambda: [text for _, to, text in self.kannel.texts() if to == ERIN][-1:] == [words])

    def test_one_of_five_leaves_for_sms_and_four_stay_encrypted(self):
        people = self.friends()
        alice, bob, carol, dave, erin = (people[name] for name in NAMES)
        for body in ("all five of us", "b" * 1000):
            bob.send("#friends", body)
            self.settle(people.values())
            self.assertTrue(self.newest(dave, body)["security"]["end_to_end"])

        erin.run("group", "leave", "friends")
        self.settle(people.values())
        four = (alice, bob, carol, dave)
        # Nobody comes in unless an administrator lets guests in and the user who sends the texts knows what they are.
        refused = bob.run("group", "guest", "add", "friends", ERIN, "Erin", "--yes", expect=REFUSED)
        self.assertIn("no guests", refused.told[-1]["message"])
        bob.run("sms", "forbid", ERIN)
        alice.run("group", "set", "friends", "--guests", "true")
        self.settle(four)
        self.assertEqual(bob.run("group", "guest", "add", "friends", ERIN, "Erin", expect=INSECURE).told[-1]["code"], "insecure")
        group = bob.run("group", "guest", "add", "friends", ERIN, "Erin", "--yes").records[-1]
        self.assertEqual([(guest["number"], guest["name"], guest["sponsor"]) for guest in group["guests"]], [(ERIN, "Erin", "bob")])
        self.assertIn("not encrypted", self.kannel.text_to(ERIN))
        self.settle(four)

        # What members say goes to her in clear through bob, and everybody sees that it did.
        sent = alice.send("#friends", "tea at four?")
        self.assertEqual([guest["number"] for guest in sent["also_in_clear"]], [ERIN])
        self.assertFalse(sent["security"]["end_to_end"])
        self.assertEqual(sent["security"]["channel"], "SOTTO")
        self.settle(four)
        self.assertTrue(self.goes_out("alice (friends): tea at four?"), self.kannel.texts())
        for person in four:
            message = self.newest(person, "tea at four?")
            self.assertEqual(([guest["name"] for guest in message["also_in_clear"]], message["security"]["end_to_end"]),
                             (["Erin"], False))
        plain = run_program([word for word in carol.arguments("history", "#friends") if word != "--json"],
                            environment=carol.environment(), expect=OK).out
        self.assertIn(f"NOT end-to-end encrypted, to Erin ({ERIN}, guest of bob)", plain)

        # What she answers comes into the group as what it is.
        self.kannel.answer(ERIN[1:], SERVERS_NUMBER, "I bring cake")
        self.assertTrue(eventually(lambda: ("sms:" + ERIN, "I bring cake") in bob.receive()))
        self.settle(four)
        for person in four:
            message = self.newest(person, "I bring cake")
            self.assertEqual((message["guest"]["name"], message["guest"]["sponsor"], message["sender"]), ("Erin", "bob", "sms:" + ERIN))
            self.assertEqual((message["security"]["channel"], message["security"]["pq_level"]), ("SMS", "PQ_NONE"))
        self.assertNotIn("I bring cake", erin.texts("#friends"))

        # The four stay encrypted with each other: nothing of what is withheld leaves, and a demand fails closed.
        texts = len(self.kannel.texts())
        withheld = dave.run("send", "#friends", "her present is a bicycle", "--without-guests", "--wait", 120).records[-1]
        self.assertTrue(withheld["security"]["end_to_end"])
        self.assertEqual(withheld["also_in_clear"], [])
        refused = dave.run("send", "#friends", "not for the carrier", "--require", "pq>=2", expect=INSECURE)
        self.assertIn("--without-guests", refused.told[-1]["message"])
        dave.run("send", "#friends", "for the four", "--require", "pq>=2", "--without-guests", "--wait", 120)
        self.settle(four)
        for person in (alice, bob, carol):
            self.assertTrue(self.newest(person, "her present is a bicycle")["security"]["end_to_end"])
            self.assertTrue(self.newest(person, "for the four")["security"]["end_to_end"])
        self.assertEqual(len(self.kannel.texts()), texts)
        for words in ("bicycle", "for the four", "not for the carrier", "all five of us"):
            self.assertFalse(any(words in text for _, _, text in self.kannel.texts()))
        self.assertNotIn("for the four", erin.texts("#friends"))

        # A private text would be answered into the group.
        bob.run("send", "sms:" + ERIN, "psst", expect=REFUSED)
        # She wants no more.
        self.kannel.answer(ERIN[1:], SERVERS_NUMBER, "STOP")
        self.assertTrue(eventually(lambda: ("sms:" + ERIN, "STOP") in bob.receive()))
        self.settle(four)
        self.assertTrue(carol.send("#friends", "alone again")["security"]["end_to_end"])

    def test_what_waits_leaves_after_a_crash_once(self):
        people = self.friends()
        alice, bob = people["alice"], people["bob"]
        alice.run("group", "set", "friends", "--guests", "true")
        self.settle(people.values())
        bob.run("group", "guest", "add", "friends", "+46709998877", "Fia", "--yes")
        self.settle(people.values())
        self.kannel.end("smsbox")
        alice.send("#friends", "while nobody listens")
        bob.receive()
        self.assertEqual(self.newest(bob, "while nobody listens")["also_in_clear"][0]["state"], "SENT")
        self.server.kill()
        self.kannel.start_smsbox()
        self.server.start()
        words = "alice (friends): while nobody listens"
        texts = lambda: [text for _, to, text in self.kannel.texts() if to == "+46709998877"]
        self.assertTrue(eventually(lambda: words in texts()), self.kannel.texts())
        bob.receive()
        self.assertEqual(texts().count(words), 1)


if __name__ == "__main__":
    unittest.main()
