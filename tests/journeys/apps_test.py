#!/usr/bin/env python3
"""Third-party apps with real programs: the calculator of sdk/python, what it sees, and that it sees nothing else."""

import json
import os
import re
import subprocess
import sys
import unittest

from agent_support import AgentProcess, failure, sotto
from support import OK, PATIENCE, ROOT, USAGE, Journey, end, eventually, read_line, run_program

CALCULATOR = ROOT / "sdk" / "python" / "examples" / "calculator_app.py"


class Apps(Journey):
    def setUp(self):
        super().setUp()
        self.alice, self.bob = self.person("alice"), self.person("bob")
        self.alice.send("bob", "hello")
        self.bob.receive()
        self.bob.send("alice", "hi")
        self.alice.receive()
        self.agent = AgentProcess(self.alice)

    def tearDown(self):
        if self.agent.process.poll() is None:
            self.agent.stop()
        super().tearDown()

    def add(self, name, *words):
        """A client of the app, with its token."""
        record = self.alice.run("app", "add", name, *words).records[-1]
        self.assertRegex(record["token"], r"^sotto-app-[0-9a-f]{64}$")
        return record["token"]

    def app(self, token):
        return sotto.App(token, self.agent.port)

    def ids(self, token):
        """Every id that the app of this token sees."""
        app = self.app(token)
        found = {app.about()["user"]}
        for message in app.read()["messages"]:
            found |= {message["message_id"], message["conversation"], message["sender"]}
        return found

    def status_with(self, token, **options):
        return self.agent.raw(Authorization=f"Bearer {token}", **options)[0]

    def test_the_calculator_answers_its_user_and_with_leave_everybody(self):
        token = self.add("calc")
        environment = {**os.environ, "SOTTO_APP_TOKEN": token, "SOTTO_PORT": str(self.agent.port),
                       "PYTHONPATH": str(ROOT / "sdk" / "python")}
        calculator = subprocess.Popen([sys.executable, str(CALCULATOR)], env=environment, stdin=subprocess.DEVNULL,
                                      stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.assertEqual(read_line(calculator, PATIENCE), "calc listens\n")
        try:
            self.alice.run("app", "tell", "calc", "2*(3+4)", "--wait", PATIENCE)
            self.assertTrue(eventually(lambda: self.alice.texts("alice")[-1] == "14"))
            note = self.alice.history("alice")[-1]
            self.assertEqual((note["app"], note["reply_to"]["body"]), ("calc", "/calc 2*(3+4)"))
            # Asked before others, it answers where they do not see it.
            self.alice.send("bob", "/calc 1/4")
            self.assertTrue(eventually(lambda: self.alice.texts("alice")[-1] == "0.25"))
            self.assertEqual(self.alice.texts("bob")[-1], "/calc 1/4")
            self.alice.run("app", "grant", "calc", "--send", "--hear", "bob")
            self.bob.send("alice", "/calc 6*7")
            self.assertTrue(eventually(lambda: ("alice", "42") in self.bob.receive()))
            answer = self.bob.history("alice")[-1]
            self.assertEqual((answer["sender"], answer["app"], answer["security"]["end_to_end"]), ("alice", "calc", True))
            plain = run_program([word for word in self.bob.arguments("history", "alice") if word != "--json"],
                                environment=self.bob.environment(), expect=OK).out
            self.assertIn("alice via calc: 42", plain)
            self.bob.send("alice", "/calc nonsense(")
            self.assertTrue(eventually(lambda: ("alice", "I can add, subtract, multiply and divide.") in self.bob.receive()))
        finally:
            end(calculator)

    def test_an_app_sees_nothing_that_is_not_for_it(self):
        token = self.add("calc")
        other = self.add("other")
        self.bob.send("alice", "a secret of bob's")
        self.bob.send("alice", "/calc his")
        self.alice.send("bob", "/calculus")
        self.alice.send("bob", "/calc hers")
        self.assertTrue(eventually(lambda: "/calc his" in self.alice.texts("bob")))
        page = self.app(token).read(wait_s=20)
        self.assertEqual([message["text"] for message in page["messages"]], ["hers"])
        seen = json.dumps(page) + json.dumps(self.app(token).about())
        account = self.alice.run("status").records[0]["account"]
        contact = self.alice.run("contact", "show", "bob").records[0]["account"]
        real = [message["message_id"] for message in self.alice.history("bob")]
        for hidden in ["alice", "bob", "secret", account, contact, *real]:
            self.assertNotIn(hidden, seen)
        self.assertEqual(self.app(other).read(wait_s=1), {}, "nothing came while it waited")

    def test_its_token_opens_four_methods_and_no_other_door(self):
        token = self.add("calc")
        own = {"app.about", "app.read", "app.acknowledge", "app.answer"}
        methods = [method["name"] for method in json.loads((ROOT / "sdk" / "openrpc.json").read_text())["methods"]]
        self.assertLess(own, set(methods))
        words = set()
        for method in [*methods, "no.such_method"]:
            if method in own:
                continue
            error = failure(lambda: sotto.Http(token, self.agent.port).call(method))
            self.assertEqual((error.number, error.code), (-32601, "protocol"), method)
            words.add(str(error))
        self.assertEqual(len(words), 1, "what there is looks like what there is not")
        for path in ("/v1/files/bob/last/0", "/v1/files?name=x"):
            self.assertEqual(self.status_with(token, method="GET", path=path), 401)
        self.assertEqual(self.status_with(token, method="GET"), 405)
        upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec_WebSocket_Version": "13",
                   "Sec_WebSocket_Key": "AAAAAAAAAAAAAAAAAAAAAA=="}
        self.assertEqual(self.status_with(token, method="GET", Sec_WebSocket_Protocol=f"sotto.v1, token.{token}",
                                          **upgrade), 401)
        # Nor is it of use to the user's own caller.
        self.assertEqual(failure(lambda: self.agent.http().call("app.read")).number, -32601)
        wrong = failure(lambda: sotto.App(token, self.agent.port).answer(message_id="00" * 16, text="x"))
        self.assertEqual((wrong.code, "no message" in str(wrong)), ("usage", True))

    def test_removed_and_added_again_it_knows_nobody(self):
        def ask(name):
            self.alice.run("app", "tell", name, "1", "--wait", PATIENCE)
            self.alice.send("bob", f"/{name} 2")

        token, other = self.add("calc"), self.add("other")
        ask("calc")
        ask("other")
        before, others = self.ids(token), self.ids(other)
        self.assertEqual(len(before), 5)
        self.alice.run("app", "tell", "calc", "still waiting", "--wait", PATIENCE)
        self.alice.run("app", "remove", "calc")
        self.assertEqual(self.status_with(token, body=b"{}"), 401)
        self.assertEqual(self.alice.run("app", "list").records[0]["name"], "other")
        again = self.add("calc")
        self.assertNotEqual(again, token)
        self.assertEqual(self.status_with(token, body=b"{}"), 401)
        self.assertEqual(self.app(again).read(), {})
        ask("calc")
        after = self.ids(again)
        self.assertEqual(len(after), 5)
        self.assertFalse(before & others or before & after or others & after)

    def test_the_agent_and_the_command_line_manage_the_same_apps(self):
        with self.agent.connect() as alice:
            record = alice.apps.add(name="calc", may_send=True, hear=["bob"])
            self.assertEqual((record["may_send"], record["hears"]), (True, ["bob"]))
            self.assertEqual(failure(lambda: alice.apps.add(name="calc")).code, "usage")
            told = alice.apps.tell(name="calc", text="1+1")
            self.assertEqual((told["body"], told["conversation"]), ("/calc 1+1", "alice"))
            self.assertEqual(failure(lambda: alice.apps.tell(name="none", text="x")).code, "usage")
            self.assertEqual(self.app(record["token"]).read()["messages"][0]["text"], "1+1")
            listed = self.alice.run("app").records[0]
            self.assertEqual((listed["name"], listed["hears"], listed["waiting"], listed["token"]), ("calc", ["bob"], "1", ""))
            self.alice.run("app", "revoke", "calc", "--send", "--hear", "bob")
            self.assertEqual(alice.apps.list()["apps"][0].get("hears"), None)
            alice.apps.change_grants(name="calc", may_send=True)
            self.assertTrue(alice.apps.list()["apps"][0]["may_send"])
            alice.profile.lock()
            self.assertEqual(self.status_with(record["token"], body=b"{}"), 401)
            alice.profile.unlock(passphrase=self.alice.passphrase)
            self.assertEqual(alice.apps.remove(name="calc"), {})
        for words in (("add", "Bad"), ("remove", "none"), ("grant", "none"), ("tell", "none", "x"),
                      ("add", "calc", "--hear", "nobody")):
            refused = self.alice.run("app", *words, expect=USAGE)
            self.assertTrue(re.search(r"app|conversations", refused.told[-1]["message"]), words)
        plain = run_program([word for word in self.alice.arguments("app", "add", "calc") if word != "--json"],
                            environment=self.alice.environment(), expect=OK).out
        self.assertIn("token, shown this once: sotto-app-", plain)


if __name__ == "__main__":
    unittest.main()
