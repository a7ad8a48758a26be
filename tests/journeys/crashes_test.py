#!/usr/bin/env python3
"""Programs that are killed in the middle of things lose nothing and show nothing twice."""

import random
import signal
import time
import unittest

import support


class Crashes(support.Journey):
    def test_a_killed_server_has_what_it_accepted(self):
        alice, bob = self.person("alice"), self.person("bob")
        alice.send("bob", "accepted")
        self.server.kill()
        kept = alice.run("send", "bob", "kept", "--wait", 1, expect=support.QUEUED)
        self.assertEqual(kept.records[-1]["state"], "QUEUED")
        self.server.start()
        alice.run("receive", "--wait", support.PATIENCE)
        self.assertEqual(bob.receive(), [("alice", "accepted"), ("alice", "kept")])

    def test_a_server_killed_again_and_again_delivers_everything_once(self):
        alice, bob = self.person("alice"), self.person("bob")
        seed = random.randrange(1 << 32)
        print(f"seed {seed}")
        moments = random.Random(seed)
        chat = alice.start("chat", "bob")
        expected = []
        for number in range(12):
            expected.append(f"number {number}")
            chat.stdin.write(expected[-1] + "\n")
            chat.stdin.flush()
            if number % 4 == 3:
                time.sleep(moments.uniform(0, 0.3))
                self.server.kill()
                self.server.start()
        chat.stdin.close()
        chat.wait(support.PATIENCE)
        chat.stdout.close()
        chat.stderr.close()
        alice.run("receive", "--wait", support.PATIENCE)
        self.assertEqual([text for _, text in bob.receive()], expected)

    def test_a_killed_client_keeps_its_messages_and_repeats_none(self):
        alice, bob = self.person("alice"), self.person("bob")
        seed = random.randrange(1 << 32)
        print(f"seed {seed}")
        moments = random.Random(seed)
        expected, shown = [], []
        for number in range(6):
            expected.append(f"number {number}")
            alice.send("bob", expected[-1])
            following = bob.start("receive", "--follow")
            time.sleep(moments.uniform(0.2, 1.5))
            out, _ = support.end(following, signal.SIGKILL)
            shown += [line for line in out.splitlines() if line]
        shown_texts = [text for text in expected if any(f'"{text}"' in line for line in shown)]
        rest = [text for _, text in bob.receive()]
        # A reader killed between printing and noting that it printed prints once more; nothing may be missing.
        self.assertEqual(sorted(set(shown_texts) | set(rest)), expected)
        self.assertEqual(bob.texts("alice"), expected)

    def test_a_sender_killed_while_sending_sends_once(self):
        alice, bob = self.person("alice"), self.person("bob")
        alice.send("bob", "first")
        seed = random.randrange(1 << 32)
        print(f"seed {seed}")
        moments = random.Random(seed)
        for number in range(5):
            sending = alice.start("send", "bob", f"number {number}")
            time.sleep(moments.uniform(0.2, 1.0))
            support.end(sending, signal.SIGKILL)
        alice.run("receive", "--wait", support.PATIENCE)
        queued = alice.texts("bob")
        self.assertEqual([text for _, text in bob.receive()], queued)
        self.assertEqual(len(queued), len(set(queued)))


if __name__ == "__main__":
    unittest.main(verbosity=2)
