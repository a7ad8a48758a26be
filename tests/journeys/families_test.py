#!/usr/bin/env python3
"""A guardian and a child with real programs: accepting, what is allowed, asking, ending."""

import unittest

from support import NO_SUCH_USER, OK, REFUSED, Journey, run_program


class Families(Journey):
    def setUp(self):
        super().setUp()
        self.mum, self.kid, self.friend = (self.person(name) for name in ("mum", "kid", "friend"))

    def become_family(self):
        offer = self.mum.run("family", "offer", "kid").records[-1]
        self.assertNotIn("accepted", {key for key, value in offer.items() if value is True})
        self.kid.receive()
        # Without somebody who compares, nothing happens.
        self.kid.run("family", "accept", "mum", expect=REFUSED)
        self.kid.run("family", "accept", "mum", "--fingerprint", "00" * 32, expect=REFUSED)
        self.kid.run("family", "accept", "mum", "--fingerprint", offer["own_fingerprint"])
        self.mum.receive()
        self.kid.receive()

    def guardian(self, person):
        return next(record for record in person.run("family").records if record["role"] == "GUARDIAN")

    def test_a_child_writes_with_whom_its_guardian_allows(self):
        self.become_family()
        self.assertEqual(self.guardian(self.kid)["name"], "mum")
        self.assertEqual(self.kid.run("status").records[0]["guardian"], "mum")
        plain = run_program([word for word in self.kid.arguments("family") if word != "--json"],
                            environment=self.kid.environment(), expect=OK).out
        self.assertIn("your guardian: mum", plain)

        self.kid.run("contact", "show", "friend")
        refused = self.kid.run("send", "friend", "hi", expect=REFUSED)
        self.assertIn("your guardian mum has not allowed", refused.told[-1]["message"])
        self.friend.send("kid", "are you there?")
        self.assertEqual(self.kid.receive(), [])
        self.assertEqual(self.kid.run("history", "friend", expect=None).records, [])
        self.kid.send("mum", "may I?")
        self.kid.run("family", "ask", "friend", "--note", "from school")
        self.assertIn(("kid", "may I?"), self.mum.receive())
        request = self.mum.run("family", "requests").records
        self.assertEqual([(each["child_name"], each["handle"], each["note"]) for each in request], [("kid", "friend", "from school")])
        self.mum.run("family", "approve", "kid", "friend")
        self.assertEqual(self.kid.receive(), [("friend", "are you there?")], "what was held is here now")
        self.kid.send("friend", "yes")
        self.assertEqual(self.friend.receive(), [("kid", "yes")])

    def test_hours_and_an_end_that_is_the_guardians(self):
        self.become_family()
        self.mum.run("family", "set", "kid", "--allow", "friend", "--hours", "mon 00:00-00:01", "--blur", "on")
        self.kid.receive()
        policy = self.guardian(self.kid)["policy"]
        self.assertTrue(policy["limited_hours"] and policy["blur_pictures"])
        # Two minutes of the week are open at most, whatever day it is.
        for day in ("mon", "thu"):
            self.mum.run("family", "set", "kid", "--hours", f"{day} 00:00-00:01")
            self.kid.receive()
            if self.kid.run("send", "friend", "late", expect=None).code == REFUSED:
                break
        else:
            self.fail("two days of the week at once")
        self.mum.run("family", "set", "kid", "--hours", "any")
        self.kid.receive()
        self.kid.send("friend", "at any hour")
        self.kid.run("family", "accept", "friend", "--fingerprint", "00" * 32, expect=REFUSED)
        self.mum.run("family", "offer", "nobody", expect=NO_SUCH_USER)
        self.mum.run("family", "end", "kid")
        self.kid.receive()
        self.assertEqual(self.kid.run("family").records, [])
        self.assertEqual(self.mum.run("family").records, [])


if __name__ == "__main__":
    unittest.main()
