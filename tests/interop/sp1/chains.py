"""Symmetric chains with the keys of skipped messages, and the EC ratchet on top (session-protocol.md 5 and 8)."""

from . import libcrypto as crypto
from . import schedule
from .keys import KeyPair
from .wire import COUNTER_END

FORWARD_JUMP = 2000
FORWARD_JUMP_AFTER_FORGERIES = 64
MOST_SKIPPED = 2000


class Used(Exception):
    """The message's key was used already: a duplicate or STALE_INDEX."""


class TooFar(Exception):
    """A counter over the limit, or an epoch that is not held."""


class Chain:
    def __init__(self, ratchet, key):
        self.ratchet, self.key, self.next = ratchet, key, 0

    def step(self):
        message_key, self.key = schedule.chain_step(self.key, self.ratchet)
        self.next += 1
        return message_key


class Skipped:
    """Keys of messages that have not arrived, by (chain id, index); the oldest go when there are too many."""

    def __init__(self):
        self.keys = {}

    def take(self, chain_id, index):
        return self.keys.pop((chain_id, index), None)

    def knows(self, chain_id):
        return any(known == chain_id for known, _ in self.keys)

    def advance(self, chain_id, chain, end, jump):
        """Moves `chain` on to index `end`, keeping the keys in between."""
        if end - chain.next > jump or end >= COUNTER_END:
            raise TooFar
        while chain.next < end:
            index = chain.next
            self.keys[chain_id, index] = chain.step()
        while len(self.keys) > MOST_SKIPPED:
            del self.keys[next(iter(self.keys))]

    def key_at(self, chain_id, chain, index, jump):
        if index < chain.next:
            raise Used
        self.advance(chain_id, chain, index, jump)
        return chain.step()


class EcRatchet:
    """The P-256 double ratchet of one session, at one of its ends."""

    def __init__(self, sid, root, first_chain, own, peer):
        """The initiator brings `own` = EK_A and no `peer`, the responder no `own` and `peer` = EK_A."""
        self.sid, self.root, self.own, self.peer = sid, root, own, peer
        chain = Chain("ec", first_chain)
        self.sending, self.receiving = (chain, None) if own else (None, chain)
        self.must_step = own is None  # the peer's key changed after the own one was made
        self.previous_sent = 0  # pn
        self.skipped = Skipped()

    def step_to_send(self, random):
        """Begins a new sending chain when the peer's key changed; whether it did."""
        if not self.must_step:
            return False
        if self.sending:
            self.previous_sent = self.sending.next
        self.own = KeyPair.generate(random)
        shared = crypto.ecdh(self.own.scalar, self.peer)
        self.root, key = schedule.ec_step(self.root, shared, self.sid, self.own.public, self.peer)
        self.sending, self.must_step = Chain("ec", key), False
        return True

    def is_known(self, ratchet_key):
        return ratchet_key == self.peer or self.skipped.knows(ratchet_key)

    def is_own(self, ratchet_key):
        return self.own is not None and ratchet_key == self.own.public

    def receive_key(self, header, jump):
        """mk_ec of a message; the ratchet has moved afterwards and is thrown away unless the message verifies."""
        key = self.skipped.take(header.ratchet_key, header.n)
        if key:
            return key
        if header.ratchet_key != self.peer:
            if self.skipped.knows(header.ratchet_key):
                raise Used
            self._step_to_receive(header, jump)
        return self.skipped.key_at(self.peer, self.receiving, header.n, jump)

    def _step_to_receive(self, header, jump):
        if self.own is None:
            raise TooFar  # an initiator has no second key before the first answer
        if self.receiving:
            self.skipped.advance(self.peer, self.receiving, header.pn, jump)
        shared = crypto.ecdh(self.own.scalar, header.ratchet_key)
        self.root, key = schedule.ec_step(self.root, shared, self.sid, header.ratchet_key, self.own.public)
        self.peer, self.receiving, self.must_step = header.ratchet_key, Chain("ec", key), True
