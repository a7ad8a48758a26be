"""What is altered on the way, or was made by somebody who breaks the rules, is refused alike by both sides."""

import unittest

import forge
from ends import Pair
from forge import flipped
from sp1 import libcrypto as crypto
from sp1.chains import FORWARD_JUMP
from sp1.device import FORGERIES, FORGERIES_MS
from sp1.encoding import padme, vector
from sp1.session import Refused
from sp1.wire import CT0, HEADER, TAG, TYPE_INIT

SEED = 20260102
# What C++ calls BAD_MAC under a ratchet key never seen becomes UNDECRYPTABLE only in what it reports (9).
UNDECRYPTABLE = {"UNDECRYPTABLE", "BAD_MAC"}
HEADER_FIELDS = (("version", 1), ("type", 1), ("sid", 16), ("salt", 16), ("ratchet_key", 33), ("pn", 4), ("n", 4),
                 ("pq_epoch", 4), ("pq_n", 4), ("pq_pn", 4), ("flags", 1))


def fields():
    """The name of each octet of a header."""
    return [name for name, size in HEADER_FIELDS for _ in range(size)]


class Tampering(unittest.TestCase):
    def established(self, turn, seed=SEED):
        """A pair after some messages, its sender and receiver."""
        pair = Pair(self, seed)
        sender, receiver = pair.both()[turn]
        for number in range(3):
            receiver.receive(sender.send(f"ping {number}"))
            sender.receive(receiver.send(f"pong {number}"))
        receiver.receive(sender.send("one more"))
        return pair, sender, receiver

    def refusal(self, receiver, wire):
        with self.assertRaises(Refused, msg=f"{receiver.name} took it") as caught:
            receiver.receive(wire)
        return caught.exception.code

    def assert_refused(self, receiver, wire, *codes):
        code = self.refusal(receiver, wire)
        self.assertTrue(code in codes or {code, *codes} == UNDECRYPTABLE, f"{receiver.name}: {code}, not {codes}")

    @staticmethod
    def expected(field, octet, old, new, counts):
        """What an altered octet of a header must bring. `old`, `new`: the field's value; `counts`: the receiver's."""
        if field in ("version", "type") or (field == "flags" and octet != 1):
            return "MALFORMED"
        if field == "sid":
            return "UNKNOWN_SESSION"
        if field == "ratchet_key":
            try:
                crypto.check_point(new)
            except crypto.BadKey:
                return "MALFORMED"
            return "UNDECRYPTABLE"
        new = int.from_bytes(new, "big")
        if field == "pq_epoch":
            return "UNDECRYPTABLE" if new > counts["pq_epoch"] else "STALE_INDEX"
        if field in ("n", "pq_n"):
            if new < counts[field]:
                return "STALE_INDEX"
            return "UNDECRYPTABLE" if new - counts[field] > FORWARD_JUMP else "BAD_MAC"
        return "BAD_MAC"  # salt, pn, pq_pn, WANT_PQ

    def headers(self, wire, start=0):
        """(altered wire, expected code) for each octet of the header at `start`, two bits each."""
        names, header = fields(), wire[start:start + HEADER]
        spans = {name: (names.index(name), names.index(name) + size) for name, size in HEADER_FIELDS}
        value = {name: header[a:b] for name, (a, b) in spans.items()}
        counts = {name: int.from_bytes(value[name], "big") for name in ("n", "pq_n", "pq_epoch")}
        for at, field in enumerate(names):
            for bit in (0x01, 0x80):
                altered, (a, b) = flipped(wire, start + at, bit), spans[field]
                yield altered, self.expected(field, bit, value[field], altered[start + a:start + b], counts), field

    def test_every_octet_of_a_message_counts(self):
        for turn in range(2):
            pair, sender, receiver = self.established(turn)
            wire = sender.send("the one")
            cases = list(self.headers(wire))
            cases += [(flipped(wire, at), "BAD_MAC", "C") for at in range(HEADER, len(wire) - TAG, 7)]
            cases += [(flipped(wire, at), "BAD_MAC", "T") for at in range(len(wire) - TAG, len(wire))]
            for altered, code, field in cases:
                with self.subTest(receiver=receiver.name, field=field):
                    self.assert_refused(receiver, altered, code)
                pair.advance(FORGERIES_MS + 1)  # forgeries narrow the jumps that are followed; not here
            self.assertIn(b"the one", receiver.receive(wire))

    def test_every_part_of_an_init_counts(self):
        for turn in range(2):
            pair = Pair(self, SEED)
            sender, receiver = pair.both()[turn]
            wire = sender.send("the one")
            message = len(wire) - self.size_of_message(wire)
            for altered, codes, part in self.init_cases(wire, message):
                with self.subTest(receiver=receiver.name, part=part):
                    self.assert_refused(receiver, altered, *codes)
            self.assertIn(b"the one", receiver.receive(wire))
            self.assert_refused(receiver, wire, "DUPLICATE")
            again = sender.send("and again")
            self.assert_refused(receiver, flipped(again, 200), "INIT_MISMATCH")
            self.assertIn(b"and again", receiver.receive(again))

    @staticmethod
    def size_of_message(wire):
        start = 5 + 48 + 4 + 33 + CT0
        return len(wire) - start - 4 - int.from_bytes(wire[start:start + 4], "big") - TAG

    def init_cases(self, wire, message):
        ek_a, ct0 = 57, 90
        claim = ct0 + CT0 + 4
        for at in range(5):
            yield flipped(wire, at), ["MALFORMED"], "version, type, suite, 0"
        for at in range(5, ek_a):
            yield flipped(wire, at), ["UNKNOWN_PREKEY"] + ["BAD_MAC"] * (at == ek_a - 1), "bundle_hash, otp index"
        for at in range(ek_a, ct0):
            yield flipped(wire, at), ["MALFORMED", "BAD_MAC"], "EK_A"
        for at in [*range(ct0, ct0 + CT0, 97), *range(claim, message - TAG, 211), *range(message - TAG, message)]:
            yield flipped(wire, at), ["BAD_MAC"], "ct0, idC, tag"
        for at in range(ct0 + CT0, claim):
            yield flipped(wire, at), ["MALFORMED", "BAD_MAC"], "n"
        for altered, code, field in self.headers(wire, message):
            # The SID is derived, and the only key that an initiator can have yet is EK_A.
            early = {"sid": ["BAD_MAC"], "ratchet_key": ["MALFORMED", "UNDECRYPTABLE", "BAD_MAC"]}
            yield altered, early.get(field, [code]), f"MSG: {field}"
        for at in range(message + HEADER, len(wire), 101):
            yield flipped(wire, at), ["BAD_MAC"], "MSG: C, T"

    def test_a_truncated_envelope_is_refused_at_every_length(self):
        for turn in range(2):
            _, sender, receiver = self.established(turn)
            wire = sender.send("the one")
            for length in range(len(wire)):
                self.assertIn(self.refusal(receiver, wire[:length]), ("MALFORMED", "BAD_MAC", "UNDECRYPTABLE"))
            self.assertIn(self.refusal(receiver, wire + b"\0"), ("MALFORMED", "BAD_MAC"))
            self.assertIn(b"the one", receiver.receive(wire))

    def test_both_halves_of_the_handshake_signature_must_verify(self):
        changes = {"ECDSA": lambda s: flipped(s, 40), "ML-DSA": lambda s: flipped(s, 2000),
                   "swapped": lambda s: s[-64:] + s[:-64]}
        for name, change in changes.items():
            for turn in range(2):
                pair = Pair(self, SEED)
                receiver = pair.both()[turn][1]
                with self.subTest(receiver=receiver.name, half=name):
                    self.assert_refused(receiver, forge.init(pair, receiver, "hello", change), "BAD_SIGNATURE")

    def test_a_new_ratchet_key_needs_its_signature(self):
        changes = {"flipped": lambda inner: inner.update(ratchet_auth=flipped(inner["ratchet_auth"], 5)),
                   "missing": lambda inner: inner.update(ratchet_auth=b"")}
        for name, change in changes.items():
            for turn in range(2):
                pair, sender, receiver = self.established(turn)
                sender.receive(receiver.send("so that the sender makes a new key"))
                with self.subTest(receiver=receiver.name, auth=name):
                    self.assert_refused(receiver, forge.payload(pair, receiver, "bad", change), "BAD_SIGNATURE")
                    self.assertIn(b"good", receiver.receive(sender.send("good")))

    def test_content_needs_its_proof(self):
        def sign(inner):
            inner["proof"]["signature"] = flipped(inner["proof"]["signature"], 33)

        changes = {"BAD_SIGNATURE": [sign, lambda inner: inner["proof"].update(sender_seq=7),
                                     lambda inner: inner.update(content=inner["content"] + b"\x0a\0")],
                   "WRONG_CONVERSATION": [lambda inner: inner["proof"].update(dm_account=bytes(16))],
                   "MALFORMED": [lambda inner: inner.pop("proof"), lambda inner: inner.pop("content"),
                                 lambda inner: inner["proof"].update(msg_id=bytes(15))]}
        for turn in range(2):
            pair, sender, receiver = self.established(turn)
            for code, makers in changes.items():
                for change in makers:
                    with self.subTest(receiver=receiver.name, code=code):
                        wire = forge.payload(pair, receiver, "bad", change)
                        self.assert_refused(receiver, wire, code)
                        # A message that authenticates is used up, whatever its content proves.
                        self.assert_refused(receiver, wire, "MALFORMED" if code == "MALFORMED" else "DUPLICATE")
            self.assertIn(b"good", receiver.receive(sender.send("good")))

    def test_padding_is_zeros_to_the_one_right_length(self):
        def longer(octets):
            return vector(octets).ljust(padme(4 + len(octets) + 300), b"\0")

        paddings = (longer, lambda octets: vector(octets).ljust(255, b"\0") + b"\1",
                    lambda octets: vector(octets).ljust(256, b"\0")[:255], lambda octets: b"\xff" * 256)
        for turn in range(2):
            pair, sender, receiver = self.established(turn)
            for padding in paddings:
                with self.subTest(receiver=receiver.name):
                    wire = forge.payload(pair, receiver, "bad", lambda inner: None, padding)
                    self.assert_refused(receiver, wire, "MALFORMED")
            self.assertIn(b"good", receiver.receive(sender.send("good")))

    def test_forgeries_narrow_the_jumps_that_are_followed(self):
        for turn in range(2):
            pair, sender, receiver = self.established(turn)
            first = sender.send("first")
            for at in range(FORGERIES):
                self.assert_refused(receiver, flipped(first, HEADER + at), "BAD_MAC")
            run = [sender.send(f"number {number}") for number in range(66)]
            with self.subTest(receiver=receiver.name):
                self.assert_refused(receiver, run[64], "UNDECRYPTABLE")
                self.assertIn(b"number 63", receiver.receive(run[63]))
                run += [sender.send(f"number {number}") for number in range(66, 200)]
                self.assertIn(b"number 199", receiver.receive(run[199]))  # one message verified: over
                self.assertIn(b"first", receiver.receive(first))

    def test_a_message_sent_back_to_its_sender_is_dropped(self):
        for turn in range(2):
            _, sender, receiver = self.established(turn)
            wire = sender.send("for you")
            self.assert_refused(sender, wire, "REFLECTED")
            self.assertIn(b"for you", receiver.receive(wire))

    def test_a_type_that_is_unknown_is_refused(self):
        for turn in range(2):
            _, sender, receiver = self.established(turn)
            wire = sender.send("for you")
            self.assert_refused(receiver, wire[:1] + bytes([TYPE_INIT + 1]) + wire[2:], "MALFORMED")


if __name__ == "__main__":
    unittest.main()
