#!/usr/bin/env python3
"""Names come and go: e-mail addresses through a real SMTP server with TLS, telephone numbers through a spool."""

import email
import email.policy
import pathlib
import re
import shutil
import socket
import ssl
import tempfile
import unittest

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from support import FAILED, NO_SUCH_USER, OK, REFUSED, SOTTOD, USAGE, Person, Server, eventually, run_program


class Mailbox:
    """Keeps what the SMTP server accepts."""

    def __init__(self):
        self.letters = []
        self.secure = []

    async def handle_DATA(self, server, session, envelope):
        self.letters.append((envelope.rcpt_tos, email.message_from_bytes(envelope.content, policy=email.policy.default)))
        self.secure.append(session.ssl is not None and session.authenticated)
        return "250 kept"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def allow(server, session, envelope, mechanism, data):
    return AuthResult(success=data.login == b"sotto" and data.password == b"mail secret")


class Handles(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sotto-handles."))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        # The server's own self-signed certificate serves the mail server as well: it names localhost.
        bare = Server(self.folder / "bare")
        bare.start()
        bare.stop()
        certificate = bare.folder / "certificate.pem"
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate, bare.folder / "private_key.pem")
        self.mailbox = Mailbox()
        port = free_port()
        mail = Controller(self.mailbox, hostname="127.0.0.1", port=port, tls_context=context, require_starttls=True,
                          authenticator=allow, auth_required=True)
        mail.start()
        self.addCleanup(mail.stop)
        (self.folder / "password").write_text("mail secret\n")
        self.spool = self.folder / "texts"
        self.server = Server(self.folder / "server", f'''metrics = "off"
[mail]
server = "smtp://localhost:{port}"
from = "sotto@example.org"
user = "sotto"
password_file = "{self.folder / "password"}"
ca_file = "{certificate}"
[text_messages]
spool = "{self.spool}"
''')
        self.server.start()
        self.addCleanup(self.server.stop)
        self.alice, self.bob = (Person(self.folder / name) for name in ("alice", "bob"))
        self.alice.register("alice", self.server)
        self.bob.register("bob", self.server)

    def handles(self, person, *words, expect=OK):
        return person.run("handles", *words, expect=expect)

    def mailed_code(self, letters):
        self.assertTrue(eventually(lambda: len(self.mailbox.letters) == letters))
        recipients, letter = self.mailbox.letters[-1]
        self.assertTrue(all(self.mailbox.secure), "a code went over an open line or without signing in")
        self.assertEqual(letter["From"].addresses[0].addr_spec, "sotto@example.org")
        return recipients, re.search(r"^(\d{6}) is your code", letter.get_content()).group(1)

    def test_an_address_is_proved_by_the_code_that_was_mailed_to_it(self):
        asked = self.handles(self.alice, "add", "Alice@Example.org").records[0]
        self.assertEqual((asked["handles"], asked["code_sent_to"]), ([], "alice@example.org"))
        recipients, code = self.mailed_code(1)
        self.assertEqual(recipients, ["alice@example.org"])
        wrong = f"{(int(code) + 1) % 1000000:06}"
        self.assertIn("wrong", self.handles(self.alice, "prove", "alice@example.org", wrong, expect=REFUSED).err)
        self.assertIn("no such code", self.handles(self.bob, "prove", "alice@example.org", code, expect=REFUSED).err)
        self.bob.run("send", "alice@example.org", "too early", expect=NO_SUCH_USER)
        proved = self.handles(self.alice, "prove", "alice@example.org", code[:3] + " " + code[3:]).records[0]
        self.assertEqual(proved["handles"], ["alice", "alice@example.org"])
        self.assertEqual(self.handles(self.alice).records[0]["handles"], ["alice", "alice@example.org"])
        self.assertEqual(self.bob.send("alice@example.org", "by mail address")["state"], "SENT")
        self.assertEqual(self.alice.receive(), [("bob", "by mail address")])

        # What belongs to alice is told to whoever proves the address, and to nobody else.
        self.handles(self.bob, "add", "alice@example.org")
        _, code = self.mailed_code(2)
        self.assertIn("taken", self.handles(self.bob, "prove", "alice@example.org", code, expect=REFUSED).err)
        self.assertEqual(self.handles(self.alice, "remove", "alice@example.org").records[0]["handles"], ["alice"])
        self.assertIn("no such handle", self.handles(self.alice, "remove", "alice@example.org", expect=REFUSED).err)

    def test_a_number_is_proved_by_the_text_message_in_the_spool(self):
        self.handles(self.bob, "add", "+46 70-123 45 67")
        notice = (self.spool / "1.notice").read_text()
        self.assertTrue(notice.startswith("To: +46701234567\n\n"), notice)
        code = re.search(r"\n(\d{6}) is your code", notice).group(1)
        proved = self.handles(self.bob, "prove", "+46 (70) 123-45-67", code).records[0]
        self.assertEqual(proved["handles"], ["bob", "+46701234567"])
        self.assertEqual(self.alice.send("+46701234567", "to the number")["state"], "SENT")
        self.assertEqual(self.bob.receive(), [("alice", "to the number")])

    def test_names_are_added_and_given_up_and_an_account_stays_itself(self):
        self.assertEqual(self.handles(self.alice, "add", "ally").records[0]["handles"], ["alice", "ally"])
        self.assertIn("taken", self.handles(self.bob, "add", "ally", expect=REFUSED).err)
        self.bob.send("alice", "before")
        self.handles(self.alice, "remove", "alice")
        self.assertEqual(self.alice.run("status").records[0]["handle"], "ally")
        self.assertEqual(self.bob.send("alice", "after")["state"], "SENT")
        self.assertEqual([body for _, body in self.alice.receive()], ["before", "after"])
        # Nobody takes a name the moment it is given up, but whose it was may have it back.
        self.assertIn("gave this handle up", self.handles(self.bob, "add", "alice", expect=REFUSED).err)
        self.assertEqual(self.handles(self.alice, "add", "alice").records[0]["handles"], ["ally", "alice"])
        self.handles(self.bob, "add", "no such kind!", expect=USAGE)

    def test_a_server_without_couriers_says_so_and_mistakes_in_its_configuration_are_named(self):
        plain = Server(self.folder / "plain")
        plain.start()
        self.addCleanup(plain.stop)
        carol = Person(self.folder / "carol")
        carol.register("carol", plain)
        for handle in ("carol@example.org", "+46701234567"):
            self.assertIn("cannot send codes", self.handles(carol, "add", handle, expect=REFUSED).err)
        for text, words in (('[mail]\nserver = "mail.example.org"\n', ("sottod.toml:2: mail.server", "smtp://")),
                            ('[mail]\nserver = "smtp://mail"\n', ("mail.from must be given",)),
                            ('[mail]\nserver = "smtp://mail"\nfrom = "a@b.cd"\nuser = "x"\n', ("password_file",)),
                            (f'[mail]\nserver = "smtp://mail"\nfrom = "a@b.cd"\nuser = "x"\npassword_file = "{self.folder}/none"\n',
                             ("password", "none"))):
            folder = self.folder / "wrong"
            Server(folder, text)
            result = run_program([SOTTOD, "run", "--data-dir", folder, "--listen", "127.0.0.1:0"], expect=FAILED)
            for word in words:
                self.assertIn(word, result.err)


if __name__ == "__main__":
    unittest.main()
