#!/usr/bin/env python3
"""docs/one-message.md walks one message through files that exist, and the message arrives."""

import re
import unittest

import support

DOCUMENT = support.ROOT / "docs" / "one-message.md"


class OneMessage(support.Journey):
    def test_every_file_of_the_walk_exists_and_the_functions_are_in_it(self):
        text = DOCUMENT.read_text(encoding="utf-8")
        links = re.findall(r"\[`([^`]+)`\]\(\.\./([^)#]+)\)", text)
        self.assertGreater(len(links), 15)
        for name, path in links:
            file = support.ROOT / path
            self.assertTrue(file.is_file(), f"{path} does not exist")
            self.assertIn(name.split("::")[-1].split("(")[0], file.read_text(encoding="utf-8"), path)

    def test_the_message_of_the_walk_arrives(self):
        alice, bob = self.person("alice"), self.person("bob")
        alice.send("bob", "Lunch at noon?")
        self.assertEqual(bob.receive(), [("alice", "Lunch at noon?")])
        alice.receive()
        self.assertEqual(alice.history("bob")[0]["state"], "READ")


if __name__ == "__main__":
    unittest.main(verbosity=2)
