#!/usr/bin/env python3
"""Groups with real programs: five friends, changes made beside each other, a removal, a link, somebody who is gone."""

import json
import unittest

from support import OK, REFUSED, USAGE, Journey

NAMES = ("alice", "bob", "carol", "dave", "erin")


class Groups(Journey):
    def friends(self):
        people = {name: self.person(name) for name in NAMES}
        people["alice"].run("group", "create", "friends", *NAMES[1:])
        for name in NAMES[1:]:
            people[name].receive()
        return people

    @staticmethod
    def group(person, name="friends"):
        found = [record for record in person.run("group", "list").records if record["name"] == name]
        assert len(found) == 1, found
        return found[0]

    @staticmethod
    def members(group):
        return {member["account"]: member["role"] for member in group["members"]}

    def settle(self, people):
        """Everybody hears what the others said meanwhile, and what they ask for because of it."""
        for _ in range(3):
            for person in people:
                person.receive()

    def test_five_friends_talk_and_one_is_removed(self):
        people = self.friends()
        alice, bob, carol, dave, erin = (people[name] for name in NAMES)
        for person in people.values():
            self.assertEqual(len(self.group(person)["members"]), 5)
        sent = alice.send("#friends", "hello all")
        self.assertEqual({each["state"] for each in sent["member_deliveries"]}, {"SENT"})
        self.assertEqual(len(sent["member_deliveries"]), 4)
        for person in (bob, carol, dave, erin):
            self.assertIn("hello all", [body for _, body in person.receive()])
        bob.send("#friends", "b" * 5000)
        for person in (alice, carol, dave, erin):
            self.assertIn("b" * 5000, [body for _, body in person.receive()])

        alice.run("group", "remove", "friends", "dave")
        alice.send("#friends", "without dave")
        self.assertNotIn("without dave", [body for _, body in dave.receive()])
        self.assertFalse(self.group(dave)["member"])
        self.assertEqual(dave.run("send", "#friends", "still here?", expect=REFUSED).records, [])
        for person in (bob, carol, erin):
            self.assertIn("without dave", [body for _, body in person.receive()])
        self.assertNotIn("still here?", alice.texts("#friends"))

    def test_changes_beside_each_other_end_the_same(self):
        people = self.friends()
        alice, bob, carol, dave, erin = (people[name] for name in NAMES)
        alice.run("group", "role", "friends", "bob", "admin")
        alice.run("group", "role", "friends", "carol", "admin")
        self.settle(people.values())
        # The server is away: nobody hears of anybody's change before they made their own.
        self.server.stop()
        alice.run("group", "remove", "friends", "bob", expect=None)
        bob.run("group", "add", "friends", "dave", expect=None)  # refused: he is in it
        bob.run("group", "rename", "friends", "bobs", expect=None)
        carol.run("group", "set", "friends", "--guests", "true", expect=None)
        erin.run("group", "leave", "friends", expect=None)
        self.server.start()
        self.settle(people.values())
        self.settle(people.values())
        seen = [self.group(person) for person in (alice, carol, dave)]
        self.assertEqual(len({group["roster"] for group in seen}), 1)
        self.assertEqual(len({group["operations"] for group in seen}), 1)
        for group in seen:
            self.assertEqual(group["name"], "friends")
            self.assertTrue(group["guests_allowed"])
            self.assertEqual(sorted(self.members(group).values()), ["ADMIN", "MEMBER", "OWNER"])
        carol.send("#friends", "three of us")
        self.assertIn("three of us", [body for _, body in dave.receive()])
        for person in (bob, erin):
            self.assertNotIn("three of us", [body for _, body in person.receive()])

    def test_a_link_lets_in_whom_an_admin_approves(self):
        alice, bob, carol = (self.person(name) for name in NAMES[:3])
        alice.run("group", "create", "friends", "bob")
        link = alice.run("group", "link", "friends").records[-1]["invite"]
        self.assertTrue(link.startswith("SOTTO:GROUP/1/"))
        carol.run("group", "join", link)
        alice.receive()
        self.assertEqual([each["name"] for each in alice.run("group", "requests", "friends").records], ["carol"])
        alice.run("group", "approve", "friends", "carol")
        carol.receive()
        bob.receive()
        self.assertEqual(len(self.group(bob)["members"]), 3)
        bob.send("#friends", "welcome")
        self.assertIn("welcome", [body for _, body in carol.receive()])
        alice.run("group", "link", "friends", "--withdraw")
        self.assertEqual(alice.run("group", "requests", "friends").records, [])
        carol.run("group", "join", "SOTTO:GROUP/1/NOTALINK", expect=USAGE)

    def test_one_who_is_gone_holds_up_nobody(self):
        people = self.friends()
        alice, bob, carol, dave, erin = (people[name] for name in NAMES)
        erin.run("deregister", "--account", "--yes")
        sent = alice.send("#friends", "hello")
        self.assertIn(sent["state"], ("SENT", "DELIVERED"))
        for person in (bob, carol, dave):
            self.assertIn("hello", [body for _, body in person.receive()])

    def test_rules_are_explained(self):
        people = self.friends()
        refused = people["bob"].run("group", "rename", "friends", "mine", expect=REFUSED)
        self.assertIn("role", json.loads(refused.err.splitlines()[-1])["message"])
        people["bob"].run("group", "show", "enemies", expect=USAGE)
        people["bob"].run("group", "leave", "friends", expect=OK)
        self.assertFalse(self.group(people["bob"])["member"])


if __name__ == "__main__":
    unittest.main()
