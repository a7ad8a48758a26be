#!/usr/bin/env python3
"""Text messages through the real Kannel: codes for numbers, and what is wrong with a configuration."""

import pathlib
import re
import shutil
import tempfile
import unittest
import urllib.error
import urllib.parse
import urllib.request

import kannel
from support import FAILED, OK, REFUSED, SOTTOD, Person, Server, run_program


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

    def test_codes_stay_within_the_prefixes_that_the_operator_pays_for(self):
        self.serve(prefixes=["+46"])
        bob = self.person("bob")
        self.assertIn("cannot send codes", bob.run("handles", "add", "+4790000000", expect=REFUSED).err)


if __name__ == "__main__":
    unittest.main()
