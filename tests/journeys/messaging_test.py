#!/usr/bin/env python3
"""What people do every day: register, write, read, look things up."""

import unittest

import support


class Messaging(support.Journey):
    def test_two_people_write_to_each_other(self):
        alice, bob = self.person("alice"), self.person("bob")
        sent = alice.send("bob", "Hello Bob, smörgåsbord — ✓")
        self.assertEqual(sent["state"], "SENT")
        self.assertEqual(bob.receive(), [("alice", "Hello Bob, smörgåsbord — ✓")])
        bob.send("alice", "Hello Alice")
        self.assertEqual(alice.receive(), [("bob", "Hello Alice")])
        self.assertEqual(alice.texts("bob"), ["Hello Bob, smörgåsbord — ✓", "Hello Alice"])
        self.assertEqual(alice.history("bob")[0]["state"], "READ")

    def test_a_message_waits_for_who_is_offline_and_is_read_once(self):
        alice, bob = self.person("alice"), self.person("bob")
        for number in range(5):
            alice.send("bob", f"number {number}")
        self.assertEqual(bob.receive(), [("alice", f"number {number}") for number in range(5)])
        self.assertEqual(bob.receive(), [])
        self.assertEqual(len(bob.texts("alice")), 5)

    def test_conversations_count_what_is_unread(self):
        alice, bob = self.person("alice"), self.person("bob")
        alice.send("bob", "one")
        alice.send("bob", "two")
        bob.send("alice", "connects, and takes them in without reading")
        conversation = bob.run("conversations").records[0]
        self.assertEqual(conversation["conversation"], "alice")
        self.assertEqual(conversation["unread"], "2")
        bob.receive()
        self.assertEqual(bob.run("conversations").records[0]["unread"], "0")

    def test_text_comes_from_files_and_standard_input_to_the_octet(self):
        alice, bob = self.person("alice"), self.person("bob")
        file = self.folder / "text"
        file.write_text("line one\n\tline two\n")
        alice.run("send", "bob", "--file", file, "--wait", support.PATIENCE)
        alice.run("send", "bob", "--file", "-", "--wait", support.PATIENCE, stdin="piped\n")
        self.assertEqual(bob.receive(), [("alice", "line one\n\tline two\n"), ("alice", "piped\n")])
        file.write_text("x" * (16 * 1024))
        alice.run("send", "bob", "--file", file, "--wait", support.PATIENCE)
        file.write_text("x" * (16 * 1024 + 1))
        alice.run("send", "bob", "--file", file, expect=support.USAGE)

    def test_security_state_is_shown_and_rises_with_use(self):
        alice, bob = self.person("alice"), self.person("bob")
        contact = alice.run("contact", "show", "bob").records[0]
        self.assertEqual(len(contact["fingerprint"]), 64)
        self.assertEqual(contact["security"]["pq_level"], "PQ_UNSPECIFIED")
        for number in range(3):
            alice.send("bob", f"ping {number}")
            bob.receive()
            bob.send("alice", f"pong {number}")
            alice.receive()
        security = alice.run("contact", "show", "bob").records[0]["security"]
        self.assertEqual(security["channel"], "SOTTO")
        self.assertTrue(security["end_to_end"])
        self.assertEqual(security["pq_level"], "PQ_CONTINUOUS")
        self.assertEqual(security["authentication"], "HYBRID")
        self.assertEqual(security["verified_by"], "PINNED_AT_FIRST_CONTACT")
        self.assertGreater(int(security["last_rekey_ms"]), 0)
        own = alice.run("devices").records[0]["fingerprint"]
        self.assertEqual(own, bob.run("contact", "show", "alice").records[0]["devices"][0]["fingerprint"])

    def test_status_tells_who_and_how(self):
        alice = self.person("alice")
        status = alice.run("status").records[0]
        self.assertEqual((status["handle"], status["stage"]), ("alice", "READY"))
        self.assertEqual(status["tls_group"], "X25519MLKEM768")
        self.assertEqual(status["server"], self.server.address)

    def test_a_second_process_sends_through_the_one_that_is_connected(self):
        alice, bob = self.person("alice"), self.person("bob")
        following = alice.start("receive", "--follow")
        self.assertTrue(support.eventually(alice.is_connected))
        self.assertEqual(alice.send("bob", "from the side")["state"], "SENT")
        self.assertEqual(bob.receive(), [("alice", "from the side")])
        bob.send("alice", "answer")
        self.assertIn('"answer"', support.read_line(following, support.PATIENCE))
        support.end(following)
        self.assertEqual(following.returncode, support.OK)
        self.assertEqual(alice.receive(), [])

    def test_a_chat_sends_lines_and_shows_answers(self):
        alice, bob = self.person("alice"), self.person("bob")
        alice.send("bob", "hello")
        chat = bob.start("chat", "alice")
        self.assertTrue(support.eventually(bob.is_connected))
        self.assertIn('"hello"', support.read_line(chat, support.PATIENCE))
        chat.stdin.write("first line\nsecond line\n")
        chat.stdin.flush()
        self.assertTrue(support.eventually(lambda: len(bob.arrived("alice")) == 3))
        chat.stdin.close()
        self.assertEqual(chat.wait(support.PATIENCE), support.OK)
        chat.stdout.close()
        chat.stderr.close()
        self.assertEqual(alice.receive(), [("bob", "first line"), ("bob", "second line")])
        self.assertEqual(bob.receive(), [], "what the chat showed is read")


if __name__ == "__main__":
    unittest.main(verbosity=2)
