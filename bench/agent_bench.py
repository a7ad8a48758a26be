#!/usr/bin/env python3
"""What the agent costs, beside a command that does the same once.

Usage: SOTTO_BUILD=build/release bench/agent_bench.py [--rounds N]

Prints the median of N rounds: the time from starting an agent of one's own until the server has a message (what a bot that is
started for it waits), the same of `sotto send`, the same of an agent that runs already, and the memory of an agent that idles.
Unlocking the profile is slow on purpose (Argon2id); what it costs alone is measured by a command that only reads.
"""

import argparse
import os
import pathlib
import statistics
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests" / "journeys"), str(ROOT / "sdk" / "python")]
import support  # noqa: E402
from agent_support import AgentProcess, sotto  # noqa: E402


def sent(agent, text):
    """Sends and waits until the server has it."""
    events = agent.events()
    message_id = agent.messages.send(conversation="bob", text=text)["message_id"]
    for record in events:
        message = record["event"].get("message", {})
        if message.get("message_id") == message_id and message["state"] in ("SENT", "DELIVERED", "READ"):
            return


def timed(action):
    begun = time.monotonic()
    action()
    return (time.monotonic() - begun) * 1000


def memory_kib(process, name):
    for line in pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1])


def measure(rounds, case):
    alice = case.person("alice")
    case.person("bob")
    alice.send("bob", "first")  # sessions are there from now on
    os.environ["SOTTO_PASSPHRASE"] = alice.passphrase
    cold, command, reading, warm = [], [], [], []
    for i in range(rounds):
        def spawned():
            with sotto.spawn(alice.folder, str(support.SOTTO)) as agent:
                sent(agent, f"cold {i}")
        cold.append(timed(spawned))
        command.append(timed(lambda: alice.send("bob", f"command {i}")))
        reading.append(timed(lambda: alice.run("status")))
    agent = AgentProcess(alice)
    with agent.connect() as calls:
        sent(calls, "warm up")
        for i in range(rounds):
            with agent.connect() as fresh:
                warm.append(timed(lambda: sent(fresh, f"warm {i}")))
    time.sleep(3)
    resident = memory_kib(agent.process, "VmRSS")
    own = memory_kib(agent.process, "RssAnon")
    agent.stop()
    middle = statistics.median
    print(f"start of an agent to sent:         {middle(cold):7.0f} ms")
    print(f"  of which unlocking (sotto status) {middle(reading):6.0f} ms")
    print(f"sotto send:                        {middle(command):7.0f} ms   ratio {middle(cold) / middle(command):.2f}")
    print(f"running agent to sent:             {middle(warm):7.0f} ms   ratio {middle(warm) / middle(command):.2f}")
    print(f"memory of an idle agent:           {resident / 1024:7.1f} MiB, of which its own {own / 1024:.1f} MiB")


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--rounds", type=int, default=11)
    rounds = options.parse_args().rounds

    class Bench(support.Journey):
        def runTest(self):
            measure(rounds, self)

    case = Bench()
    case.setUp()
    try:
        case.runTest()
    finally:
        case.tearDown()


if __name__ == "__main__":
    main()
