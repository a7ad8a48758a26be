"""Sessions that one side lost or went back in repair themselves, and every message arrives once (section 9)."""

import copy
import random
import unittest

from ends import Pair, PythonEnd
from sp1.session import Refused
from sp1.wire import decode

SEED = 20260104
DAY_MS = 24 * 3600 * 1000


class Repair(unittest.TestCase):
    def setUp(self):
        self.arrived = []
        self.written = []  # (sender, SID, body)

    def write(self, sender, body):
        """The envelope of `body`, remembered until somebody has a receipt for it."""
        wire = sender.send(body)
        self.written.append((sender, decode(wire)[1].header.sid, body))
        return wire

    def deliver(self, receiver, wire):
        """Remembers what arrived; the code of a refusal, None when there was none."""
        receiver.died = []
        try:
            content = receiver.receive(wire)
        except Refused as refused:
            return refused.code
        if content:
            self.arrived.append((receiver.name, content))
        return None

    def unconfirmed(self, end):
        """What was written in the sessions that `end` just learned are dead, and has not arrived: clients repeat it."""
        return [body for sender, sid, body in self.written
                if sender is end and sid in end.died and not self.times(end.other, body)]

    def settle(self, pair):
        """Delivers what waits at both ends until nothing does."""
        for _ in range(20):
            waiting = [(receiver, wire) for sender, receiver in pair.both() for wire in sender.flush()]
            if not waiting:
                return
            for receiver, wire in waiting:
                self.pass_on(receiver, wire)
        self.fail("errors and repetitions never end")

    def pass_on(self, receiver, wire):
        self.deliver(receiver, wire)
        for body in self.unconfirmed(receiver):
            self.pass_on(receiver.other, self.write(receiver, body))

    def times(self, receiver, body):
        return sum(1 for name, content in self.arrived if name == receiver.name and body.encode() in content)

    def rounds(self, first, second, count=3):
        for number in range(count):
            for sender, receiver in ((first, second), (second, first)):
                self.assertIsNone(self.deliver(receiver, sender.send(f"round {number}")))

    def snapshot(self, end, what="all"):
        """A function that sets the store of `end` back to now; "sessions": without the prekeys."""
        if not isinstance(end, PythonEnd):
            end.ask("save")
            return lambda: end.ask("restore", what)
        saved = copy.deepcopy((end.device, end.peer))

        def restore():
            device, peer = end.device, end.peer
            end.device, end.peer = copy.deepcopy(saved)
            # The clock and what people saw do not go back, and chance does not repeat itself.
            end.device.now_ms, end.device.random, end.peer.seen = device.now_ms, device.random, peer.seen
            end.peer.next_sequence = max((peer.next_sequence >> 32) + 1, device.now_ms // 1000) << 32
            if what == "sessions":
                end.device.batches = device.batches

        return restore

    def assert_repaired(self, pair, sender, receiver, wire, code, body):
        self.assertEqual(self.deliver(receiver, wire), code)
        self.settle(pair)
        self.assertEqual(self.times(receiver, body), 1, self.arrived)
        self.rounds(sender, receiver)

    def test_a_receiver_that_lost_the_session(self):
        for turn in range(2):
            pair = Pair(self, SEED)
            sender, receiver = pair.both()[turn]
            fresh = self.snapshot(receiver)
            self.rounds(sender, receiver)
            fresh()
            with self.subTest(receiver=receiver.name):
                if receiver is pair.python:  # nobody is known to have been heard: the error has no addressee
                    receiver.device.heard_last = [receiver.peer]
                self.assert_repaired(pair, sender, receiver, sender.send("lost?"), "UNKNOWN_SESSION", "lost?")

    def test_an_init_that_is_replayed_after_its_session_is_gone(self):
        for turn in range(2):
            pair = Pair(self, SEED)
            sender, receiver = pair.both()[turn]
            fresh = self.snapshot(receiver, "sessions")
            init = sender.send("hello")
            self.assertIsNone(self.deliver(receiver, init))
            fresh()
            with self.subTest(receiver=receiver.name):
                self.assertEqual(self.deliver(receiver, init), "REPLAYED_INIT")

    def test_an_init_for_a_one_time_pair_that_was_used(self):
        for turn in range(2):
            pair = Pair(self, SEED)
            sender, receiver = pair.both()[turn]
            self.assertIsNone(self.deliver(receiver, sender.send("takes the pair")))
            receiver.next_pair = 0  # a server that hands a pair out twice
            if sender is pair.python:
                sender.device._open(sender.peer, receiver.bundle)
            else:
                sender.start(receiver.bundle())
            with self.subTest(receiver=receiver.name):
                wire = sender.send("takes it again")
                self.assert_repaired(pair, sender, receiver, wire, "UNKNOWN_PREKEY", "takes it again")

    def test_a_sender_that_was_rolled_back_uses_an_index_again(self):
        for turn in range(2):
            pair = Pair(self, SEED)
            sender, receiver = pair.both()[turn]
            self.rounds(sender, receiver)
            back = self.snapshot(sender)
            self.assertIsNone(self.deliver(receiver, sender.send("first life")))
            back()
            with self.subTest(receiver=receiver.name):
                wire = sender.send("second life")
                known = self.deliver(receiver, wire)
                # The rolled-back sender began a chain of its own in each life.
                self.assertIn(known, ("STALE_INDEX", "UNDECRYPTABLE", "BAD_MAC"))
                self.settle(pair)
                self.assertEqual(self.times(receiver, "second life"), 1)
                self.rounds(sender, receiver)

    def test_a_sender_that_was_rolled_back_in_the_middle_of_a_chain(self):
        for turn in range(2):
            pair = Pair(self, SEED)
            sender, receiver = pair.both()[turn]
            self.rounds(sender, receiver)
            self.assertIsNone(self.deliver(receiver, sender.send("begins the chain")))
            back = self.snapshot(sender)
            self.assertIsNone(self.deliver(receiver, sender.send("first life")))
            back()
            with self.subTest(receiver=receiver.name):
                wire = sender.send("second life")
                self.assert_repaired(pair, sender, receiver, wire, "STALE_INDEX", "second life")

    def test_a_receiver_that_was_rolled_back_by_ratchet_steps(self):
        for turn in range(2):
            pair = Pair(self, SEED)
            sender, receiver = pair.both()[turn]
            self.rounds(sender, receiver)
            back = self.snapshot(receiver)
            self.rounds(sender, receiver)
            back()
            with self.subTest(receiver=receiver.name):
                wire = sender.send("in keys of the future")
                self.assertIn(self.deliver(receiver, wire), ("UNDECRYPTABLE", "BAD_MAC"))  # C++ reports the former
                self.settle(pair)
                self.assertEqual(self.times(receiver, "in keys of the future"), 1)
                self.rounds(sender, receiver)

    def test_rollbacks_of_both_sides_lose_nothing_that_was_written_afterwards(self):
        for seed in range(SEED, SEED + 8):
            with self.subTest(seed=seed):
                self.setUp()
                self.roll_both_back(seed)

    def roll_both_back(self, seed):
        dice, pair = random.Random(seed), Pair(self, seed, pairs=16)

        def talk(most):
            for number in range(dice.randrange(most)):
                sender, receiver = dice.choice(pair.both())
                self.pass_on(receiver, self.write(sender, f"before {number}"))
                self.settle(pair)

        self.rounds(*dice.choice(pair.both()), 1)
        ends = dice.choice(((pair.cpp, pair.python), (pair.python, pair.cpp)))
        back = []
        for end in ends:
            back.append(self.snapshot(end))
            talk(6)
        for restore in back:
            restore()
            pair.advance(2 * DAY_MS)  # resets and errors are limited; a quiet day forgives
        self.written.clear()
        for number in range(6):
            sender, receiver = dice.choice(pair.both())
            self.pass_on(receiver, self.write(sender, f"after {number}"))
            self.settle(pair)
            pair.advance(2 * DAY_MS)
        for sender, _, body in self.written:
            self.assertGreaterEqual(self.times(sender.other, body), 1, f"{body} of {sender.name}")


if __name__ == "__main__":
    unittest.main()
