#!/usr/bin/env python3
"""Text messages through the real Kannel: codes for numbers, texts both ways, and what stays encrypted beside them."""

import pathlib
import re
import shutil
import tempfile
import unittest
import urllib.error
import urllib.parse
import urllib.request

import kannel
from support import FAILED, NO_SUCH_USER, OK, REFUSED, SOTTOD, USAGE, Person, Server, eventually, run_program

INSECURE = 10
FRIEND = "+46701112233"
THERE = "sms:" + FRIEND


@unittest.skipUnless(kannel.is_there(), "Kannel is not here; tools/deps brings it")
class Sms(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sotto-sms."))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.kannel = kannel.Kannel(self.folder / "kannel")
        self.addCleanup(self.kannel.stop)

    def serve(self, **more):
        self.server = Server(self.folder / "server", 'metrics = "off"\n' + self.kannel.server_lines(**more))
        self.server.start()
        self.addCleanup(self.server.stop)

    def person(self, name):
        person = Person(self.folder / name)
        person.register(name, self.server)
        return person

    def prove(self, person, number):
        person.run("handles", "add", number)
        code = re.match(r"(\d{6}) is your code", self.kannel.text_to(number)).group(1)
        return person.run("handles", "prove", number, code).records[0]["handles"]

    def callback(self, path, body=None):
        request = urllib.request.Request(f"http://127.0.0.1:{self.kannel.ports['callbacks']}{path}", data=body,
                                         headers={"Content-Type": "text/plain; charset=UTF-8"})
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code

    def test_a_number_is_proved_by_the_code_that_the_carrier_brings(self):
        self.kannel.start()
        self.serve()
        bob = self.person("bob")
        self.assertEqual(self.prove(bob, "+46701234567"), ["bob", "+46701234567"])
        sender, to, words = self.kannel.texts()[0]
        self.assertEqual((sender, to), ("+46700000001", "+46701234567"))
        self.assertNotIn(words[:6], self.kannel.written(), "Kannel writes codes into its logs")

    def test_codes_wait_for_a_gateway_that_comes_back(self):
        self.serve()
        bob = self.person("bob")
        bob.run("handles", "add", "+46701234567")
        self.kannel.start()
        self.assertIn("is your code", self.kannel.text_to("+46701234567"))

    def test_only_kannel_calls_back(self):
        self.serve()
        secret = urllib.parse.quote(kannel.SECRET)
        self.assertEqual(self.callback("/kannel/text?secret=guess&from=%2B46701112233&to=46700000001", b"hi"), 403)
        # Nobody here writes to that number: gone, and not to be repeated.
        self.assertEqual(self.callback(f"/kannel/text?secret={secret}&from=%2B46701112233&to=46700000001", b"hi"), 200)
        self.assertEqual(self.callback("/kannel/report?ref=" + "00" * 16 + "&type=1"), 200)
        self.assertEqual(self.callback("/kannel/report?ref=zz&type=1"), 400)
        self.assertEqual(self.callback("/"), 404)
        self.server.stop()
        self.serve_again('callback_sources = ["192.0.2.1"]')
        self.assertEqual(self.callback(f"/kannel/text?secret={secret}&from=1&to=2", b"hi"), 403)

    def serve_again(self, line):
        configuration = self.server.folder / "sottod.toml"
        configuration.write_text(configuration.read_text() + line + "\n")
        self.server.start()

    def test_mistakes_in_the_configuration_are_named_with_what_to_do(self):
        good = self.kannel.server_lines()
        password = str(self.kannel.folder / "password")
        short = self.folder / "short"
        short.write_text("guess me\n")
        for text, words in (
                (good.replace('kannel_user = "sotto"\n', ""), ("needs text_messages.kannel_user", "operations.md")),
                (good.replace("127.0.0.1:" + str(self.kannel.ports["callbacks"]), "0.0.0.0:1"), ("callbacks", "not 0.0.0.0")),
                (good.replace('"+46700000001"', '"0701234567"'), ("numbers", "country code")),
                (good.replace(password, str(self.folder / "none")), ("kannel_password_file", "none")),
                (good.replace(str(self.kannel.folder / "secret"), str(short)), ("callback_secret_file", "openssl rand"))):
            folder = self.folder / "wrong"
            Server(folder, 'metrics = "off"\n' + text)
            for command in ("check-config", "run"):
                result = run_program([SOTTOD, command, "--data-dir", folder], expect=FAILED)
                for word in words:
                    self.assertIn(word, result.err)
        Server(self.folder / "right", 'metrics = "off"\n' + good)
        run_program([SOTTOD, "check-config", "--data-dir", self.folder / "right"], expect=OK)

    def writer(self, **more):
        """Alice, who proved a number and lets texts go to her friend's."""
        self.kannel.start()
        self.serve(**more)
        alice = self.person("alice")
        self.prove(alice, "+46709999999")
        alice.run("sms", "allow", FRIEND, "--yes")
        return alice

    def state(self, person):
        person.run("receive")
        return person.history(THERE)[-1]["state"]

    def test_a_text_leaves_is_reported_and_answered_and_says_what_it_is(self):
        alice = self.writer()
        sent = alice.send(THERE, "are you coming? \u00e5 \u20ac")
        self.assertEqual(sent["security"]["channel"], "SMS")
        self.assertEqual((sent["security"]["end_to_end"], sent["security"]["pq_level"]), (False, "PQ_NONE"))
        text = self.kannel.text_to(FRIEND)
        self.assertIn("+46709999999 writes through", text)
        self.assertTrue(text.endswith("are you coming? \u00e5 \u20ac"), text)
        self.assertTrue(eventually(lambda: self.state(alice) == "DELIVERED"))
        self.kannel.answer("46701112233", "46700000001", "on my way")
        received = []
        self.assertTrue(eventually(lambda: received.extend(alice.receive()) or received))
        self.assertEqual(received, [(THERE, "on my way")])
        plain = run_program([word for word in alice.arguments("history", THERE) if word != "--json"],
                            environment=alice.environment(), expect=OK).out
        self.assertEqual(plain.count("NOT end-to-end encrypted"), 2, plain)
        # Nobody's logs have the words, and the server's database has them no longer.
        self.assertNotIn("are you coming", self.kannel.written())
        self.assertNotIn("on my way", self.kannel.written())
        report = self.server.admin("report", "alice")
        self.assertEqual([route["number"] for route in report["text_message_recipients"]], [FRIEND])
        status = alice.run("status").records[0]
        self.assertEqual((status["sent_lately"], status["sent_insecurely_lately"]), ("1", "1"))

    def test_long_texts_and_other_alphabets_arrive_whole(self):
        alice = self.writer()
        long = "A rather long text that does not fit one. " * 12
        alice.send(THERE, long)
        self.assertTrue(eventually(lambda: self.kannel.text_to(FRIEND).endswith(long)), self.kannel.texts())
        alice.send(THERE, "\u0436 \U0001f600")
        self.assertEqual(self.kannel.text_to(FRIEND, count=2), "\u0436 \U0001f600")
        alice.run("send", THERE, "x" * 2000, expect=REFUSED)

    def test_nothing_leaves_unencrypted_that_was_not_allowed(self):
        self.kannel.start()
        self.serve(senders="everybody")
        alice, bob = self.person("alice"), self.person("bob")
        refused = alice.run("send", THERE, "hi", expect=INSECURE)
        self.assertEqual((refused.told[-1]["code"], refused.told[-1]["exit_code"]), ("insecure", INSECURE))
        self.assertEqual(alice.run("sms", "allow", FRIEND, expect=INSECURE).told[-1]["code"], "insecure")
        alice.run("send", FRIEND, "hi", expect=NO_SUCH_USER)
        alice.run("sms", "allow", FRIEND, "--yes")
        # The log proves that nobody has the number: allowed once, the message goes as a text, and says so.
        fallen = alice.send(FRIEND, "hi again")
        self.assertEqual((fallen["conversation"], fallen["security"]["end_to_end"]), (THERE, False))
        self.assertIn("hi again", self.kannel.text_to(FRIEND))
        self.assertTrue(alice.send("bob", "beside it")["security"]["end_to_end"])
        alice.run("sms", "forbid", FRIEND)
        alice.run("send", THERE, "no more", expect=INSECURE)
        self.assertEqual(len(self.kannel.texts()), 1)
        self.assertEqual(bob.receive(), [("alice", "beside it")])

    def test_a_demand_that_is_not_met_sends_nothing_and_one_that_is_does(self):
        alice = self.writer()
        bob = self.person("bob")
        for words in (("send", "bob", "x", "--require", "pq>=2"), ("send", THERE, "x", "--require", "verified"),
                      ("send", "bob", "x", "--require", "pq>=3,verified")):
            self.assertEqual(alice.run(*words, expect=INSECURE).told[-1]["code"], "insecure")
        alice.run("send", "bob", "x", "--require", "pq>=9", expect=USAGE)
        alice.send("bob", "first")
        alice.run("send", "bob", "second", "--require", "pq>=2", "--wait", 120)
        self.assertEqual([body for _, body in bob.receive()], ["first", "second"])
        self.assertEqual(len(self.kannel.texts()), 1, "only the code")

    def test_what_was_accepted_leaves_after_a_crash_and_a_carrier_that_was_away(self):
        alice = self.writer()
        self.kannel.end("smsbox")
        sent = alice.send(THERE, "while nobody listens")
        self.assertEqual(sent["state"], "SENT")
        self.server.kill()
        self.kannel.start_smsbox()
        self.server.start()
        self.assertIn("while nobody listens", self.kannel.text_to(FRIEND))
        # An answer that comes while the server is away is brought again.
        self.server.kill()
        self.kannel.answer("46701112233", "46700000001", "late")
        self.server.start()
        received = []
        self.assertTrue(eventually(lambda: received.extend(alice.receive()) or received))
        self.assertEqual(received, [(THERE, "late")])

    def test_stop_is_heard(self):
        alice = self.writer()
        alice.send(THERE, "one")
        self.kannel.text_to(FRIEND)
        self.kannel.answer("46701112233", "46700000001", "STOP")
        self.assertTrue(eventually(lambda: alice.receive() == [(THERE, "STOP")]))
        self.assertIn("STOP", alice.run("send", THERE, "two", expect=REFUSED).err)

    def test_codes_stay_within_the_prefixes_that_the_operator_pays_for(self):
        self.serve(prefixes=["+46"])
        bob = self.person("bob")
        self.assertIn("cannot send codes", bob.run("handles", "add", "+4790000000", expect=REFUSED).err)


if __name__ == "__main__":
    unittest.main()
