#!/usr/bin/env python3
"""The bots of docs/bots.md, as they stand there: a real server, real agents, somebody who writes to them."""

import os
import shutil
import subprocess
import unittest

from agent_support import AgentProcess
from support import PATIENCE, ROOT, Journey, end, eventually, read_line

PYTHON_BOT = ROOT / "sdk" / "python" / "examples" / "echo_bot.py"
NODE_BOT = ROOT / "sdk" / "typescript" / "examples" / "echo_bot.mjs"


class Bots(Journey):
    def setUp(self):
        super().setUp()
        self.alice, self.echo = self.person("alice"), self.person("echo")
        self.agent = AgentProcess(self.echo)

    def tearDown(self):
        if self.agent.process.poll() is None:
            self.agent.stop()
        super().tearDown()

    def start(self, words, **variables):
        environment = {**os.environ, "SOTTO_PROFILE": str(self.echo.folder), **variables}
        bot = subprocess.Popen(list(map(str, words)), env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
        self.assertEqual(read_line(bot, PATIENCE), "echo listens\n")
        return bot

    def answers(self):
        self.alice.receive()
        return [m["body"] for m in self.alice.history("echo") if "system" not in m and not m["outgoing"]]

    def converse(self, start):
        """Answers come once each, also to what was said while the bot, and then its agent, was away."""
        bot = start()
        self.alice.send("echo", "one")
        self.assertTrue(eventually(lambda: self.answers() == ["one"]))
        end(bot)
        self.alice.send("echo", "two")
        self.agent.kill()
        self.alice.send("echo", "three")
        self.agent = AgentProcess(self.echo)
        bot = start()
        self.assertTrue(eventually(lambda: self.answers() == ["one", "two", "three"]), self.answers())
        end(bot)

    def test_the_python_bot_echoes(self):
        self.converse(lambda: self.start(["/usr/bin/python3", PYTHON_BOT], PYTHONPATH=str(ROOT / "sdk" / "python")))

    def test_the_node_bot_echoes(self):
        node = shutil.which("node") or shutil.which("nodejs")
        self.assertIsNotNone(node, "nodejs is missing; run tools/deps")
        package = self.folder / "node_modules" / "sotto-agent"
        package.mkdir(parents=True)
        subprocess.run([node, str(ROOT / "sdk" / "typescript" / "scripts" / "build.mjs"), str(package)], check=True)
        bot = shutil.copy(NODE_BOT, self.folder)
        self.converse(lambda: self.start([node, bot]))

    def test_the_bots_are_as_short_as_the_page_says(self):
        for bot in (PYTHON_BOT, NODE_BOT):
            self.assertLessEqual(len(bot.read_text().splitlines()), 30)



if __name__ == "__main__":
    unittest.main()
