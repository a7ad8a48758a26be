#!/usr/bin/env python3
"""A guardian and a child with real programs: accepting, what is allowed, asking, ending."""

import struct
import unittest
import zlib

from support import NO_SUCH_USER, OK, PATIENCE, REFUSED, SOTTO, Journey, run_program


def chunk(name, body):
    """One of a PNG file."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


class Families(Journey):
    def setUp(self):
        super().setUp()
        self.mum, self.kid, self.friend = (self.person(name) for name in ("mum", "kid", "friend"))

    def become_family(self):
        offer = self.mum.run("family", "offer", "kid").records[-1]
        self.assertNotIn("accepted", {key for key, value in offer.items() if value is True})
        self.kid.receive()
        listed = self.kid.run("family").records
        self.assertEqual([(each["role"], each["name"], each["accepted"], each["fingerprint"]) for each in listed],
                         [("GUARDIAN", "mum", False, offer["own_fingerprint"])])
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

    def test_a_child_sees_its_guardians_devices_and_pictures_only_when_it_wants_to(self):
        self.become_family()
        devices = [device["device"] for device in self.guardian(self.kid)["devices"]]
        self.assertEqual(devices, [self.mum.run("status").document()["device"]])
        self.kid.run("downloads", "--from", "everybody", "--classifier", SOTTO.with_name("sotto-sample-classifier.so"))
        self.mum.run("family", "set", "kid", "--allow", "friend", "--blur", "all")
        self.kid.receive()
        policy = self.guardian(self.kid)["policy"]
        self.assertTrue(policy["blur_pictures"] and policy["blur_all_pictures"])
        refused = self.kid.run("downloads", "--classifier", "off", expect=REFUSED)
        self.assertIn("your guardian mum", refused.told[-1]["message"])
        picture = self.folder / "harmless.png"
        blue = b"".join(b"\0" + b"\0\0\xff" * 100 for _ in range(80))
        picture.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 100, 80, 8, 2, 0, 0, 0))
                            + chunk(b"IDAT", zlib.compress(blue)) + chunk(b"IEND", b""))
        self.kid.send("friend", "send it")
        self.friend.receive()
        self.friend.run("send", "kid", "--attach", picture, "--wait", PATIENCE)
        self.kid.receive()
        self.kid.run("receive", "--wait", PATIENCE)
        self.assertEqual(self.kid.run("attachments", "friend").records[-1]["media"], "HIDDEN")
        self.mum.run("family", "set", "kid", "--blur", "off")
        self.kid.receive()
        self.kid.run("downloads", "--classifier", "off")
        self.friend.run("send", "kid", "--attach", picture, "--wait", PATIENCE)
        self.kid.receive()
        self.kid.run("receive", "--wait", PATIENCE)
        self.assertEqual(self.kid.run("attachments", "friend").records[-1]["media"], "CLEAN")


if __name__ == "__main__":
    unittest.main()
