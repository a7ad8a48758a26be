"""The ML-KEM-768 epoch ratchet (session-protocol.md 5)."""

from dataclasses import dataclass

from . import libcrypto as crypto
from . import schedule
from .chains import Chain, Skipped, TooFar, Used
from .encoding import label, u32, u8
from .keys import ecdsa_verify, ml_dsa_verify

KEM = "ML-KEM-768"
DUE_AFTER_MESSAGES = 20
DUE_AFTER_MS = 24 * 3600 * 1000
ML_DSA_EVERY = 16
FIRST_COPIES = {0, 1, 2, 4, 8}
LATER_COPIES_EVERY = 16


class Reset(Exception):
    """A step that the state machine does not allow: a session reset."""


@dataclass
class Pending:
    """A step on its way: ours to repeat on schedule, as proposer (with the seed) or as responder (without)."""
    step: dict
    ek_hash: bytes
    seed: bytes | None
    sent: int = 0  # messages since the state began

    def on_schedule(self):
        k, self.sent = self.sent, self.sent + 1
        return self.step if k in FIRST_COPIES or k % LATER_COPIES_EVERY == 0 else None


class PqRatchet:
    def __init__(self, session, pqr, initiator, now_ms):
        self.session = session  # what signatures need: sid, th0, direction, own and peer's DIK
        self.initiator, self.installed, self.sending_epoch = initiator, 0, 0
        self.root, a2b, b2a = schedule.pq_root(pqr, session.sid)
        self.sending = Chain("pq", a2b if initiator else b2a)
        self.receiving = {0: Chain("pq", b2a if initiator else a2b)}
        self.next_sending = None  # the responder's chain of the installed epoch, until the epoch is confirmed
        self.previous_sent = 0  # pq_pn
        self.skipped = Skipped()
        self.pending = None
        self.messages, self.installed_ms, self.peer_wants = 0, now_ms, False
        self.expected_ek1 = None  # the responder's: H(ek_1) of the claim
        self.traffic_keys = None

    # --- chains -------------------------------------------------------------------------------------------------------

    def receive_key(self, header, jump):
        """mk_pq of a message; thrown away with the whole copy unless the message verifies."""
        key = self.skipped.take(header.pq_epoch, header.pq_n)
        if key:
            return key
        chain = self.receiving.get(header.pq_epoch)
        if chain is None:
            raise TooFar if header.pq_epoch > self.installed else Used
        key = self.skipped.key_at(header.pq_epoch, chain, header.pq_n, jump)
        for older in [epoch for epoch in self.receiving if epoch < header.pq_epoch]:
            self.skipped.advance(older, self.receiving.pop(older), header.pq_pn, jump)
        return key

    def heard_in(self, epoch):
        """A message of `epoch` verified: a responder's newest epoch is confirmed."""
        if self.next_sending is not None and epoch == self.installed:
            self._send_under(self.next_sending)
            self.next_sending = self.pending = None

    def _send_under(self, chain):
        self.previous_sent, self.sending, self.sending_epoch = self.sending.next, chain, self.installed

    def _install(self, shared, ek_hash, ct_hash, now_ms):
        """The own sending chain of the new epoch."""
        epoch = self.installed + 1
        self.root, a2b, b2a, *self.traffic_keys = schedule.pq_step(self.root, shared, self.session.sid, epoch, ek_hash,
                                                                   ct_hash)
        self.receiving[epoch] = Chain("pq", b2a if self.initiator else a2b)
        self.installed, self.messages, self.installed_ms, self.peer_wants = epoch, 0, now_ms, False
        return Chain("pq", a2b if self.initiator else b2a)

    # --- triggers and steps to send -----------------------------------------------------------------------------------

    def _proposes_next(self):
        return ((self.installed + 1) % 2 == 1) == self.initiator

    def _due(self, now_ms):
        return (self.installed == 0 or self.messages >= DUE_AFTER_MESSAGES or self.peer_wants
                or (self.messages > 0 and now_ms - self.installed_ms >= DUE_AFTER_MS))

    def force(self):
        """The owner asks for an epoch: as if enough messages had passed."""
        self.messages = max(self.messages, DUE_AFTER_MESSAGES)

    def owes_a_step(self):
        """What the peer waits for rides in the next message: a message without content is answered for that."""
        if self.pending is not None:
            return self.pending.seed is None and self.pending.sent == 0
        return self.peer_wants and self._proposes_next()

    def propose(self, random):
        seed = random(64)
        ek = crypto.ml_kem_public(KEM, seed)
        epoch, ek_hash = self.installed + 1, crypto.sha384(ek)
        step = {"epoch": epoch, "ek": ek} | self._sign(epoch, ek_hash, None)
        self.pending = Pending(step, ek_hash, seed)
        return ek_hash

    def next_step(self, now_ms, random):
        """(the step that the next message carries or None, whether it asks with WANT_PQ)."""
        asks = False
        if self.pending is None and self._due(now_ms):
            if self._proposes_next():
                self.propose(random)
            else:
                asks = True
        return (self.pending.on_schedule() if self.pending else None), asks

    # --- steps that arrive --------------------------------------------------------------------------------------------

    def receive_step(self, step, heard_epoch, now_ms, random):
        """Raises Reset for what must not happen; ignores what is late, repeated or not signed as it must be."""
        if bool(step["ek"]) == bool(step["ct"]):
            raise Reset("neither or both of ek and ct")
        epoch, answered = step["epoch"], self.pending is not None and self.pending.seed is None
        if answered and epoch == self.installed and step["ek"]:
            self._hear_again(step)
            return
        if epoch <= self.installed:
            return
        if epoch != self.installed + 1 or heard_epoch < self.installed:
            raise Reset("a step that skips an epoch, or before the peer was heard in the newest")
        if step["ek"]:
            self._answer(step, now_ms, random)
        else:
            self._conclude(step, now_ms)

    def _hear_again(self, step):
        ek_hash = crypto.sha384(step["ek"])
        if ek_hash == self.pending.ek_hash:
            self.pending.sent = 0  # the ct was lost: it goes out once more, soon
        elif self._signed(step, ek_hash, None):
            raise Reset("another ek for the same epoch")

    def _answer(self, step, now_ms, random):
        if self._proposes_next() or self.pending is not None:
            raise Reset("not the peer's turn to propose")
        epoch, ek, ek_hash = step["epoch"], step["ek"], crypto.sha384(step["ek"])
        if not self._signed(step, ek_hash, None):
            return
        if epoch == 1 and ek_hash != self.expected_ek1:
            raise Reset("ek_1 is not the claim's")
        try:
            ct, shared = crypto.encapsulate(KEM, ek, random)
        except crypto.BadKey:
            raise Reset("encapsulation key") from None
        ct_hash = crypto.sha384(ct)
        self.next_sending = self._install(shared, ek_hash, ct_hash, now_ms)
        answer = {"epoch": epoch, "ct": ct, "ek_id": ek_hash[:16]} | self._sign(epoch, ek_hash, ct_hash)
        self.pending = Pending(answer, ek_hash, None)

    def _conclude(self, step, now_ms):
        if self.pending is None or self.pending.seed is None:
            raise Reset("a ct that nobody asked for")
        if step["ek_id"] != self.pending.ek_hash[:16]:
            raise Reset("a ct for another ek")
        ct_hash = crypto.sha384(step["ct"])
        if not self._signed(step, self.pending.ek_hash, ct_hash):
            return
        try:
            shared = crypto.decapsulate(KEM, self.pending.seed, step["ct"])
        except crypto.BadKey:
            raise Reset("ciphertext") from None
        self._send_under(self._install(shared, self.pending.ek_hash, ct_hash, now_ms))
        self.pending = None

    # --- signatures ---------------------------------------------------------------------------------------------------

    @staticmethod
    def _needs_ml_dsa(epoch, is_ct):
        return epoch % ML_DSA_EVERY == 0 or (epoch == 1 and is_ct)

    def _signed_octets(self, direction, epoch, ek_hash, ct_hash):
        return label("pq-sig") + self.session.th0 + u8(direction) + u32(epoch) + ek_hash + (ct_hash or bytes(48))

    def _sign(self, epoch, ek_hash, ct_hash):
        octets = self._signed_octets(self.session.direction, epoch, ek_hash, ct_hash)
        signatures = {"ecdsa": self.session.dik.ecdsa(octets)}
        if self._needs_ml_dsa(epoch, ct_hash is not None):
            signatures["mldsa"] = self.session.dik.ml_dsa(octets)
        return signatures

    def _signed(self, step, ek_hash, ct_hash):
        octets = self._signed_octets(1 - self.session.direction, step["epoch"], ek_hash, ct_hash)
        if not ecdsa_verify(self.session.peer.dik, octets, step["ecdsa"]):
            return False
        return (not self._needs_ml_dsa(step["epoch"], ct_hash is not None)
                or ml_dsa_verify(self.session.peer.dik, octets, step["mldsa"]))
