"""Python and C++ talk: every way to open a session, long runs, loss, reordering and duplication, many epochs."""

import random
import unittest
from unittest import mock

from ends import Pair
from sp1 import wire as forms
from sp1.pq import PqRatchet
from sp1.session import Refused

SEED = 20260101  # every random choice below follows from it


def is_init(wire):
    return wire[1] == forms.TYPE_INIT


class Exchange(unittest.TestCase):
    def pass_on(self, sender, receiver, body):
        """One message that arrives; its wire form."""
        wire = sender.send(body)
        self.assertIn(body.encode(), receiver.receive(wire), f"{sender.name} to {receiver.name}")
        return wire

    def ping_pong(self, first, second, rounds):
        for number in range(rounds):
            self.pass_on(first, second, f"ping {number}")
            self.pass_on(second, first, f"pong {number}")

    def test_each_opens_a_session_with_a_one_time_pair_and_the_init_rides_until_the_answer(self):
        for turn in range(2):
            first, second = Pair(self, SEED).both()[turn]
            with self.subTest(initiator=first.name):
                for number in range(3):
                    self.assertTrue(is_init(self.pass_on(first, second, f"early {number}")))
                self.assertFalse(is_init(self.pass_on(second, first, "answer")))
                self.assertFalse(is_init(self.pass_on(first, second, "from now on")))

    def test_each_opens_a_session_with_the_last_resort_prekey(self):
        for turn in range(2):
            first, second = Pair(self, SEED, pairs=0).both()[turn]
            with self.subTest(initiator=first.name):
                self.ping_pong(first, second, 5)
                self.assertEqual((first.epoch(), second.epoch()), (1, 1))

    def test_simultaneous_initiation_converges_on_one_session(self):
        for seed in range(SEED, SEED + 4):  # either SID may be the smaller one
            pair = Pair(self, seed)
            crossing = [pair.cpp.send("from C++"), pair.python.send("from Python")]
            self.assertIn(b"from C++", pair.python.receive(crossing[0]))
            self.assertIn(b"from Python", pair.cpp.receive(crossing[1]))
            self.ping_pong(pair.python, pair.cpp, 10)
            self.assertEqual(len(pair.python.peer.sessions), 2)
            last = self.pass_on(pair.cpp, pair.python, "where are we?")
            chosen = min(s.sid for s in pair.python.peer.sessions.values() if s.heard)
            self.assertEqual(last[2:18], chosen)
            self.assertEqual(pair.python.session().sid, chosen)
            self.assertEqual(pair.python.epoch(), pair.cpp.epoch())

    def test_ratchet_keys_of_the_session_that_does_not_send_are_acknowledged(self):
        idle_directions = set()
        for seed in range(SEED, SEED + 6):  # either SID may be the smaller one
            pair = Pair(self, seed)
            crossing = [pair.cpp.send("from C++"), pair.python.send("from Python")]
            pair.python.receive(crossing[0])
            pair.cpp.receive(crossing[1])
            answers = [end.send("answer") for end in (pair.cpp, pair.python)]  # each in the other's session
            self.assertFalse(any(map(is_init, answers)))
            self.assertIn(b"answer", pair.python.receive(answers[0]))
            self.assertIn(b"answer", pair.cpp.receive(answers[1]))
            idle = next(s for s in pair.python.peer.sessions.values() if s is not pair.python.session())
            idle_directions.add(idle.direction)
            if idle.direction == 1:  # Python began a chain there that C++ heard and will never answer
                self.assertIsNotNone(idle.ratchet_auth)
                self.pass_on(pair.cpp, pair.python, "with the acknowledgement")
                self.assertIsNone(idle.ratchet_auth)
            else:
                self.assertEqual(pair.python.peer.acks, [idle.ec.peer])
            self.ping_pong(pair.cpp, pair.python, 2)
            self.assertEqual(pair.python.peer.acks, [])
        self.assertEqual(idle_directions, {0, 1})

    def test_views_of_manifests_and_log_travel_in_claims_and_messages(self):
        def view(version):
            return {"own_manifest": {"version": version, "hash16": bytes([version] * 16)},
                    "peer_manifest": {"version": version + 1, "hash16": bytes([version + 1] * 16)},
                    "transparency_head": {"log_id8": b"log id 8", "size": version << 40, "root32": bytes([9] * 32)}}

        for turn in range(2):
            first, second = Pair(self, SEED).both()[turn]
            for version in (3, 4):
                first.believe(view(version))
                second.believe(view(version + 100))
                self.ping_pong(first, second, 1)
                self.assertEqual((first.heard(), second.heard()), (view(version + 100), view(version)))

    def test_a_device_that_may_not_propose_asks_its_peer_to(self):
        for turn in range(2):
            asking, asked = Pair(self, SEED).both()[turn]
            with self.subTest(asking=asking.name):
                self.ping_pong(asking, asked, 3)
                for number in range(20):
                    asking.send(f"lost {number}")
                wire = self.pass_on(asking, asked, "please")
                self.assertEqual(wire[forms.HEADER - 1], forms.WANT_PQ)
                self.ping_pong(asked, asking, 2)
                self.assertEqual((asking.epoch(), asked.epoch()), (2, 2))

    def test_ping_pong_crosses_the_epochs_that_ml_dsa_signs_again(self):
        seen = {}
        original = PqRatchet._signed

        def note(ratchet, step, ek_hash, ct_hash):
            seen[step["epoch"], "ct" if ct_hash else "ek"] = len(step["mldsa"])
            return original(ratchet, step, ek_hash, ct_hash)

        for turn in range(2):
            first, second = Pair(self, SEED + turn).both()[turn]
            seen.clear()
            with self.subTest(initiator=first.name), mock.patch.object(PqRatchet, "_signed", note):
                self.ping_pong(first, second, 210)
                self.assertGreaterEqual(first.epoch(), 17)
                self.assertEqual((first if turn == 0 else second).level(), 3)
                self.assertEqual(first.epoch(), second.epoch())
                # Python hears the steps of C++ alone: the ek of its turns, the ct of its own.
                signed = {key for key, length in seen.items() if length}
                due = {key for key in seen if key[0] % 16 == 0 or key == (1, "ct")}
                self.assertEqual(signed, due)
                self.assertIn(16, {epoch for epoch, _ in signed})
                self.assertEqual({epoch for epoch, _ in seen}, set(range(1, max(seen)[0] + 1)))

    def test_one_sided_runs_heal_by_the_answers_of_the_other(self):
        for turn in range(2):
            talker, listener = Pair(self, SEED).both()[turn]
            with self.subTest(talker=talker.name):
                for burst in range(6):
                    for number in range(40):
                        self.pass_on(talker, listener, f"burst {burst}, {number}")
                    for number in range(2):
                        self.pass_on(listener, talker, f"aha {burst}, {number}")
                self.assertGreaterEqual(listener.epoch(), 3)

    def test_loss_reordering_and_duplication_lose_and_repeat_nothing_that_arrived(self):
        for seed in (SEED, SEED + 1):
            with self.subTest(seed=seed):
                self.storm(seed, 300)

    def storm(self, seed, rounds):
        dice, pair = random.Random(seed), Pair(self, seed)
        on_the_way = {pair.cpp: [], pair.python: []}  # by receiver
        expected = {pair.cpp: set(), pair.python: set()}
        arrived = {pair.cpp: [], pair.python: []}

        def deliver(receiver, wire, body):
            try:
                content = receiver.receive(wire)
            except Refused as refused:
                self.assertIn(refused.code, ("DUPLICATE", "REPLAYED_INIT"))
                self.assertIn(body, arrived[receiver])
                return
            self.assertIn(body.encode(), content)
            arrived[receiver].append(body)

        for number in range(rounds):
            sender, receiver = dice.choice(pair.both())
            for part in range(dice.choice((1, 1, 2, 5))):
                body = f"<{sender.name} {number}.{part}>"
                wire = sender.send(body)
                if dice.random() < 0.25:
                    continue  # lost
                expected[receiver].add(body)
                on_the_way[receiver] += [(wire, body)] * dice.choice((1, 1, 1, 2))
            for end, queue in on_the_way.items():
                dice.shuffle(queue)
                while len(queue) > dice.randrange(12):
                    deliver(end, *queue.pop())
        for end, queue in on_the_way.items():
            while queue:
                deliver(end, *queue.pop())
            self.assertEqual(sorted(arrived[end]), sorted(expected[end]))
        self.assertGreaterEqual(min(pair.python.epoch(), pair.cpp.epoch()), 3)

    def test_a_day_without_an_epoch_brings_one(self):
        pair = Pair(self, SEED)
        self.ping_pong(pair.cpp, pair.python, 3)
        self.assertEqual(pair.cpp.epoch(), 1)
        pair.advance(24 * 3600 * 1000)
        self.ping_pong(pair.cpp, pair.python, 2)
        self.assertEqual((pair.cpp.epoch(), pair.python.epoch()), (2, 2))

    def test_a_jump_of_two_thousand_opens_and_one_more_does_not(self):
        for turn in range(2):
            sender, receiver = Pair(self, SEED).both()[turn]
            with self.subTest(receiver=receiver.name):
                self.ping_pong(sender, receiver, 3)
                last = [sender.send(f"number {number}") for number in range(2002)][2000:]
                with self.assertRaises(Refused) as caught:
                    receiver.receive(last[1])
                self.assertEqual(caught.exception.code, "UNDECRYPTABLE")
                self.assertIn(b"number 2000", receiver.receive(last[0]))
                self.assertIn(b"number 2001", receiver.receive(last[1]))


if __name__ == "__main__":
    unittest.main()
