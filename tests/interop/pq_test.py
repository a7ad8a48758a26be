"""The rules for steps of the PQ ratchet: what is ignored, what resets a session. Messages arrive either way."""

import unittest

import forge
from ends import Pair
from forge import flipped
from sp1 import libcrypto as crypto
from sp1.pq import KEM

SEED = 20260103
DAY_MS = 24 * 3600 * 1000
SOME_EK = crypto.ml_kem_public(KEM, bytes(64))


class Steps(unittest.TestCase):
    def rounds(self, first, second, count):
        for number in range(count):
            self.assertIn(b"ping", second.receive(first.send(f"ping {number}")))
            self.assertIn(b"pong", first.receive(second.send(f"pong {number}")))

    def established(self, turn):
        """A pair in epoch 1, its initiator (which answers epoch 2) and its responder (which proposes it)."""
        pair = Pair(self, SEED)
        initiator, responder = pair.both()[turn]
        self.rounds(initiator, responder, 3)
        self.assertEqual((initiator.epoch(), responder.epoch()), (1, 1))
        return pair, initiator, responder

    def altered(self, pair, receiver, change):
        """Delivers a message whose step, if it carries one, went through `change`; whether it carried one."""
        carried = []

        def apply(inner):
            if "pq_step" in inner:
                inner["pq_step"] = dict(inner["pq_step"])
                change(inner["pq_step"])
                carried.append(True)

        self.assertIn(b"altered", receiver.receive(forge.payload(pair, receiver, "altered", apply)))
        return bool(carried)

    def assert_reset(self, receiver, sender):
        """The message was delivered; the session is replaced and everybody goes on."""
        self.assertTrue(any(event.startswith("session_reset") for event in receiver.events), receiver.events)
        wire = receiver.send("in a new session")
        self.assertEqual(wire[1], 2)
        self.assertIn(b"in a new session", sender.receive(wire))
        self.rounds(sender, receiver, 3)

    def assert_ignored(self, receiver, sender):
        self.assertFalse(any(event.startswith("session_reset") for event in receiver.events), receiver.events)
        self.rounds(receiver, sender, 15)

    def test_the_first_ct_needs_both_signatures(self):
        changes = {"ECDSA": lambda s: s.update(ecdsa=flipped(s["ecdsa"], 9)),
                   "ML-DSA": lambda s: s.update(mldsa=flipped(s["mldsa"], 9)),
                   "no ECDSA": lambda s: s.update(ecdsa=b""), "no ML-DSA": lambda s: s.update(mldsa=b"")}
        for name, change in changes.items():
            for turn in range(2):
                pair = Pair(self, SEED)
                initiator, responder = pair.both()[turn]
                responder.receive(initiator.send("ek_1 inside"))
                with self.subTest(receiver=initiator.name, broken=name):
                    self.assertTrue(self.altered(pair, initiator, change))
                    self.assertEqual(initiator.epoch(), 0)
                    self.assert_ignored(initiator, responder)
                    self.assertGreaterEqual(initiator.epoch(), 1)

    def test_an_ek_without_its_signature_is_ignored(self):
        for turn in range(2):
            pair, initiator, responder = self.established(turn)
            seen = 0
            for number in range(40):
                responder.receive(initiator.send(f"ping {number}"))
                seen += self.altered(pair, initiator, lambda s: s.update(ecdsa=flipped(s["ecdsa"], 9)))
            self.assertGreaterEqual(seen, 5)
            self.assertEqual((initiator.epoch(), responder.epoch()), (1, 1))
            self.rounds(initiator, responder, 20)
            self.assertGreaterEqual(initiator.epoch(), 2)

    def test_both_steps_of_epoch_sixteen_need_ml_dsa(self):
        for turn in range(2):
            for stripped in ("ek", "ct"):
                pair, initiator, responder = self.established(turn)
                while initiator.epoch() < 15:
                    pair.advance(DAY_MS)
                    self.rounds(initiator, responder, 2)
                pair.advance(DAY_MS)
                receiver, sender = (initiator, responder) if stripped == "ek" else (responder, initiator)
                with self.subTest(receiver=receiver.name, stripped=stripped):
                    seen = 0
                    for number in range(12):
                        seen += self.altered(pair, receiver, lambda s: s.update(mldsa=b""))
                        sender.receive(receiver.send(f"ping {number}"))
                    self.assertGreaterEqual(seen, 4)
                    self.assertEqual(receiver.epoch(), 15)
                    self.rounds(sender, receiver, 15)
                    self.assertGreaterEqual(min(receiver.epoch(), sender.epoch()), 16)

    def test_a_step_that_must_not_be_resets_the_session(self):
        steps = {"neither": {"epoch": 2}, "both": {"epoch": 2, "ek": SOME_EK, "ct": bytes(1088)},
                 "an epoch too far": {"epoch": 3, "ek": SOME_EK},
                 "a ct that nobody asked for": {"epoch": 2, "ct": bytes(1088), "ek_id": bytes(16)},
                 "shape comes before age": {"epoch": 1}}
        for name, step in steps.items():
            for turn in range(2):
                pair, receiver, sender = self.established(turn)
                with self.subTest(receiver=receiver.name, step=name):
                    wire = forge.payload(pair, receiver, "altered", lambda inner: inner.update(pq_step=step))
                    self.assertIn(b"altered", receiver.receive(wire))
                    self.assert_reset(receiver, sender)

    def test_a_proposal_out_of_turn_resets_the_session(self):
        for turn in range(2):
            pair, initiator, responder = self.established(turn)
            step = {"epoch": 2, "ek": SOME_EK}
            wire = forge.payload(pair, responder, "altered", lambda inner: inner.update(pq_step=step))
            with self.subTest(receiver=responder.name):
                self.assertIn(b"altered", responder.receive(wire))
                self.assert_reset(responder, initiator)

    def test_a_ct_for_another_ek_resets_the_session(self):
        for turn in range(2):
            pair = Pair(self, SEED)
            initiator, responder = pair.both()[turn]
            responder.receive(initiator.send("ek_1 inside"))
            with self.subTest(receiver=initiator.name):
                self.assertTrue(self.altered(pair, initiator, lambda s: s.update(ek_id=flipped(s["ek_id"], 0))))
                self.assert_reset(initiator, responder)

    def test_late_steps_are_ignored(self):
        for step in ({"epoch": 1, "ek": SOME_EK}, {"epoch": 1, "ct": b"x"}, {"epoch": 0, "ek": b"x"}):
            for turn in range(2):
                pair, receiver, sender = self.established(turn)
                wire = forge.payload(pair, receiver, "altered", lambda inner: inner.update(pq_step=step))
                with self.subTest(receiver=receiver.name, step=step["epoch"]):
                    self.assertIn(b"altered", receiver.receive(wire))
                    self.assert_ignored(receiver, sender)

    def test_another_ek_for_the_answered_epoch_is_ignored_unless_it_is_signed(self):
        for turn in range(2):
            pair = Pair(self, SEED)
            initiator, responder = pair.both()[turn]
            responder.receive(initiator.send("ek_1 inside"))
            with self.subTest(receiver=responder.name):
                self.assertTrue(self.altered(pair, responder, lambda s: s.update(ek=SOME_EK)))
                self.assert_ignored(responder, initiator)
        pair = Pair(self, SEED)
        pair.cpp.receive(pair.python.send("ek_1 inside"))
        self.propose_anew(pair.python)
        pair.cpp.receive(pair.python.send("another ek_1 inside"))
        self.assert_reset(pair.cpp, pair.python)

    @staticmethod
    def propose_anew(python):
        python.session().pq.propose(python.device.random)

    def test_the_first_ek_is_the_one_of_the_claim(self):
        pair = Pair(self, SEED)
        pair.python.device._open(pair.python.peer, pair.cpp.bundle)
        self.propose_anew(pair.python)
        self.assertIn(b"hello", pair.cpp.receive(pair.python.send("hello")))
        self.assert_reset(pair.cpp, pair.python)

    def test_who_asks_for_an_epoch_gets_it_within_three_messages(self):
        for turn in range(2):
            for asks_of in range(2):
                pair, initiator, responder = self.established(turn)
                asking, other = (initiator, responder) if asks_of else (responder, initiator)
                before = asking.epoch(), other.epoch()
                asking.rekey()
                sender, receiver = asking, other
                for number in range(3):
                    self.assertIn(b"step", receiver.receive(sender.send(f"step {number}")))
                    if not receiver.owes_a_step():
                        break
                    sender, receiver = receiver, sender
                with self.subTest(asking=asking.name, proposer=responder.name):
                    # Whoever answered the ek sends under the new epoch once it heard the other there.
                    self.assertFalse(receiver.owes_a_step())
                    self.assertEqual(max(asking.epoch(), other.epoch()), max(before) + 1)
                    self.rounds(asking, other, 3)
                    self.assertEqual(asking.epoch(), other.epoch())

    def test_an_ek_that_fails_its_check_resets_the_session(self):
        pair, _, _ = self.established(turn=0)  # Python proposes epoch 2
        ratchet = pair.python.session().pq
        bad = b"\xff" * len(SOME_EK)
        step = {"epoch": 2, "ek": bad} | ratchet._sign(2, crypto.sha384(bad), None)
        wire = forge.payload(pair, pair.cpp, "altered", lambda inner: inner.update(pq_step=step))
        self.assertIn(b"altered", pair.cpp.receive(wire))
        self.assert_reset(pair.cpp, pair.python)


if __name__ == "__main__":
    unittest.main()
