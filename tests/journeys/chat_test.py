"""The full-screen chat in real terminals: two people talk, one of them over and over in the other's way."""

import os
import signal
import unittest

from support import OK, PATIENCE, Journey, eventually, read_line
from terminal import InTerminal

ENTER, TAB, UP = "\r", "\t", "\x1bOA"
PAGE_UP, ALT_ENTER, CONTROL_F, CONTROL_Q, CONTROL_C = "\x1b[5~", "\x1b\r", "\x06", "\x11", "\x03"


class ChatScreen(Journey):
    def chat(self, person, *words, rows=24, columns=80, **environment):
        arguments = [str(person.program), "--profile", str(person.folder), "chat", *words]
        terminal = InTerminal(arguments, {**person.environment(), "TERM": "xterm-256color", **environment}, rows, columns)
        self.addCleanup(terminal.close)
        return terminal

    def expect(self, terminal, text, seconds=PATIENCE):
        self.assertTrue(terminal.sees(text, seconds), f"{text!r} is not on the screen:\n{terminal.screen.text()}")

    def end(self, terminal, how=CONTROL_Q, status=OK):
        terminal.press(how)
        self.assertEqual(terminal.end(), status, terminal.screen.text())
        self.assertTrue(terminal.is_restored())
        self.assertEqual(terminal.screen.strange, [])

    def test_two_people_talk_and_see_what_became_of_it(self):
        alice, bob = self.person("alice"), self.person("bob")
        hers = self.chat(alice, "bob")
        self.expect(hers, "blue: end-to-end encrypted")
        his = self.chat(bob)
        self.expect(his, "No conversations yet.")
        self.expect(his, "connected")
        hers.press("Hello Bob" + ALT_ENTER + "how are you?" + ENTER)
        self.expect(his, "(1)")
        self.assertTrue(his.until(lambda: his.screen.bells == 1))
        self.assertNotIn("read", [m["state"].lower() for m in alice.history("bob")])
        his.press(ENTER)
        self.expect(his, "how are you?")
        self.expect(hers, "read)")
        his.press("Fine")
        self.expect(hers, "bob is writing")
        his.press(ENTER)
        self.expect(hers, "Fine")
        hers.press(UP + "t1" + ENTER)
        self.expect(his, "\U0001F44D alice")
        hers.press("r" + "Glad to hear" + ENTER)
        self.expect(his, "Glad to hear")
        self.expect(his, "\u250c bob: Fine")
        self.end(hers)
        self.end(his, CONTROL_C)
        self.assertEqual(bob.texts("alice"), ["Hello Bob\nhow are you?", "Fine", "Glad to hear"])

    def test_drafts_stay_and_pastes_do_not_send(self):
        alice = self.person("alice")
        self.person("bob")
        hers = self.chat(alice, "bob")
        self.expect(hers, "blue: end-to-end encrypted")
        hers.press("\x1b[200~first line\rsecond line\x1b[201~")
        self.expect(hers, "second line")
        self.end(hers)
        self.assertEqual(alice.run("history", "bob", expect=None).records, [])
        again = self.chat(alice, "bob")
        self.expect(again, "second line")
        again.press(ENTER)
        self.assertTrue(again.until(lambda: "> first" not in again.screen.text()))
        self.end(again)
        self.assertEqual(alice.texts("bob"), ["first line\nsecond line"])

    def test_search_jumps_to_what_was_said_long_ago(self):
        alice, bob = self.person("alice"), self.person("bob")
        bob.send("alice", "the treasure lies under the oak")
        lines = "".join(f"line {number}\n" for number in range(120))
        bob.run("chat", "alice", stdin=lines)
        self.assertEqual(len(alice.receive()), 121)
        hers = self.chat(alice, "bob")
        self.expect(hers, "line 119")
        self.assertNotIn("treasure", hers.screen.text())
        hers.press(PAGE_UP)
        self.expect(hers, "of 121 messages")
        hers.press(CONTROL_F + "treas")
        self.expect(hers, "1 found")
        hers.press(ENTER)
        self.expect(hers, "lies under the oak")
        self.expect(hers, "line 3")
        hers.resize(12, 40)
        self.expect(hers, "oak")
        hers.press(TAB)
        self.expect(hers, "Enter open")
        hers.resize(50, 150)
        self.expect(hers, "oak")
        self.end(hers)

    def test_a_stranger_waits_until_accepted(self):
        alice, mallory = self.person("alice", rule="anybody"), self.person("mallory")
        mallory.send("alice", "look at http://evil.example/now")
        hers = self.chat(alice)
        self.expect(hers, "wants to write to you")
        hers.press(ENTER)
        self.expect(hers, "[link to evil.example]")
        self.expect(hers, "told nothing")
        self.assertNotIn("http://", hers.screen.text())
        self.assertEqual({m["state"] for m in mallory.history("alice")}, {"SENT"})
        hers.press("a")
        self.expect(hers, "blue: end-to-end")
        self.assertTrue(hers.until(lambda: "wants to write" not in hers.screen.text()))
        self.expect(hers, "look at")

        def is_told():
            mallory.receive()
            return {m["state"] for m in mallory.history("alice")} == {"READ"}

        self.assertTrue(eventually(is_told))
        self.end(hers)

    def test_hostile_text_draws_nothing_but_itself(self):
        alice, mallory = self.person("alice"), self.person("mallory")
        texts = ["\x1b[2J\x1b[H\x1b]0;owned\x07\x1b[31mred", "\u009b2Jgone", "a\rb\x08c", "photo\u202egpj.exe",
                 "x" + "\u0301" * 8000, "\U0001F469\u200d\U0001F467" * 200, "w" * 16000]
        for text in texts:
            mallory.run("send", "alice", "--file", "-", "--wait", PATIENCE, stdin=text)
        for name in ("xterm-256color", "screen", "tmux", "linux", "vt100"):
            with self.subTest(terminal=name):
                hers = self.chat(alice, "mallory", TERM=name)
                self.expect(hers, "www")
                for _ in range(80):
                    hers.press(PAGE_UP)
                self.expect(hers, "\\x1b[2J\\x1b[H\\x1b]0;owned\\x07\\x1b[31mred")
                self.expect(hers, "gpj.exe")
                self.assertIn("\\u202e", hers.screen.text())
                self.end(hers)

    def test_the_terminal_is_given_back_after_signals(self):
        alice = self.person("alice")
        # A sanitizer's runtime would end the program in its own way.
        own_handlers = {name: f"{os.environ.get(name, '')}:handle_segv=0:handle_abort=0".lstrip(":")
                        for name in ("ASAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS")}
        for how, status in ((signal.SIGTERM, OK), (signal.SIGHUP, OK), (signal.SIGINT, OK),
                            (signal.SIGABRT, -signal.SIGABRT), (signal.SIGSEGV, -signal.SIGSEGV)):
            with self.subTest(signal=how):
                hers = self.chat(alice, **own_handlers)
                self.expect(hers, "connected")
                os.kill(hers.pid, how)
                self.assertEqual(hers.end(), status)
                self.assertTrue(hers.is_restored(), hers.screen.modes)

    def test_the_shell_gets_the_terminal_in_between(self):
        alice = self.person("alice")
        shell = InTerminal(["/bin/bash", "--norc", "--noprofile", "-i"],
                           {**alice.environment(), "TERM": "xterm-256color", "PS1": "$ "})
        self.addCleanup(shell.close)
        self.expect(shell, "$")
        shell.press(f"{alice.program} --profile {alice.folder} chat\r")
        self.expect(shell, "No conversations yet.")
        shell.press("\x1a")
        self.expect(shell, "Stopped")
        self.assertFalse(shell.screen.modes & {1049, 2004, 1004} - {2004})  # bash marks pastes itself
        shell.press("fg\r")
        self.expect(shell, "No conversations yet.")
        shell.press(CONTROL_Q)
        self.assertTrue(shell.until(lambda: "No conversations" not in shell.screen.text()))
        shell.press("exit 7\r")
        self.assertEqual(shell.end(), 7)

    def test_beside_an_agent_it_writes_through_the_store(self):
        alice, bob = self.person("alice"), self.person("bob")
        bob.send("alice", "Hello")
        agent = alice.start("agent", "--no-http")
        self.addCleanup(agent.communicate)
        self.addCleanup(agent.kill)
        self.assertIn("socket", read_line(agent, PATIENCE) or "")
        self.assertTrue(eventually(alice.is_connected))
        hers = self.chat(alice)
        self.expect(hers, "another process is connected")
        self.expect(hers, "bob")
        hers.press(ENTER)
        self.expect(hers, "Hello")
        hers.press("Hello yourself" + ENTER)
        self.assertTrue(eventually(lambda: bob.receive() == [("alice", "Hello yourself")]))
        bob.send("alice", "Good")
        self.expect(hers, "Good")
        self.person("carol")
        with_carol = self.chat(alice, "carol")
        self.expect(with_carol, "blue: end-to-end encrypted")  # the agent asked about her
        self.end(with_carol)
        agent.terminate()
        agent.wait(PATIENCE)
        self.assertTrue(hers.until(lambda: "another process" not in hers.screen.text()))
        self.end(hers)

    def test_without_colours_nothing_is_lost(self):
        alice, bob = self.person("alice"), self.person("bob")
        bob.send("alice", "Hello")
        for environment in ({"NO_COLOR": "1"}, {"TERM": "vt100"}):
            hers = self.chat(alice, "bob", **environment)
            self.expect(hers, "Hello")
            self.expect(hers, "blue: encrypted")
            self.end(hers)

    def test_lines_are_still_there_for_pipes_and_who_wants_them(self):
        alice, bob = self.person("alice"), self.person("bob")
        alice.run("chat", "bob", stdin="One\nTwo\n")
        self.assertEqual([body for _, body in bob.receive()], ["One", "Two"])
        self.assertEqual(alice.run("chat", stdin="", expect=2).records, [])
        hers = self.chat(alice, "bob", "--lines")
        self.expect(hers, "One line is one message")
        hers.press("Three\n\x04")
        self.assertEqual(hers.end(), OK)
        self.assertEqual([body for _, body in bob.receive()], ["Three"])
        for name in ("no-such-terminal", "dumb"):
            unable = self.chat(alice, TERM=name)
            self.assertEqual(unable.end(), 2)
            self.assertIn("--lines", unable.screen.text())


if __name__ == "__main__":
    unittest.main()
