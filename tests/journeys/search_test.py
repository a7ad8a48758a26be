#!/usr/bin/env python3
"""Finding messages again, and taking them out."""

import json
import stat
import unittest

import support


class Search(support.Journey):
    def setUp(self):
        super().setUp()
        self.alice, self.bob = self.person("alice"), self.person("bob")
        self.alice.send("bob", "Lunch at noon on Friday?")
        self.bob.receive()
        self.bob.send("alice", "Friday is fine")
        self.alice.receive()

    def bodies(self, person, *words):
        return [message["body"] for message in person.run("search", *words).records]

    def test_messages_are_found_by_words_and_by_what_they_are(self):
        self.assertEqual(self.bodies(self.bob, "frid", "lun"), ["Lunch at noon on Friday?"])
        self.assertEqual(self.bodies(self.bob, "friday", "--from", "bob"), ["Friday is fine"])
        self.assertEqual(self.bodies(self.bob, "--with", "alice", "--limit", "1"), ["Friday is fine"])
        self.assertEqual(self.bodies(self.bob, "friday", "--until", "2020-01-31"), [])
        self.assertEqual(len(self.bodies(self.bob, "friday", "--since", "2020-01-31T09:30", "--kind", "text,poll")), 2)
        self.assertEqual(self.bodies(self.bob, "nowhere"), [])
        for wrong in (["--since", "yesterday"], ["--until", "2026-02-30"], ["--kind", "song"], ["--from", "n o"]):
            self.bob.run("search", "x", *wrong, expect=support.USAGE)
        self.bob.run("search", "x", "--with", "carol", expect=support.NO_SUCH_USER)

    def test_an_export_is_readable_by_its_owner_and_by_programs(self):
        folder = self.folder / "export"
        self.bob.run("export", "--to", folder)
        self.assertEqual(stat.S_IMODE(folder.stat().st_mode), 0o700)
        lines = (folder / "messages.jsonl").read_text().splitlines()
        messages = [json.loads(line) for line in lines]
        self.assertEqual([m["body"] for m in messages if "system" not in m],
                         ["Lunch at noon on Friday?", "Friday is fine"])
        self.assertEqual([json.loads(line)["conversation"]
                          for line in (folder / "conversations.jsonl").read_text().splitlines()], ["alice"])
        self.assertEqual(stat.S_IMODE((folder / "messages.jsonl").stat().st_mode), 0o600)
        self.bob.run("export", "--to", folder, expect=support.USAGE)
        self.bob.run("export", "--to", self.folder / "no" / "where", expect=support.FAILED)


if __name__ == "__main__":
    unittest.main(verbosity=2)
