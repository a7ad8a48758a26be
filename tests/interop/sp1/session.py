"""One session at one of its ends: both ratchets, sealing and opening (session-protocol.md 5 to 7)."""

import copy

from .chains import EcRatchet, TooFar, Used
from .encoding import Malformed, label, pad, u8, unpad
from .keys import ecdsa_verify
from .pq import PqRatchet, Reset
from .protobuf import decode, encode
from .schedule import message_keys
from .wire import WANT_PQ, Header, Message


class Refused(Exception):
    """A message that is not accepted. `code`: what the receiver found, in the words of section 9 where it has one."""

    def __init__(self, code, detail="", sid=b""):
        super().__init__(f"{code} {detail}".strip())
        self.code, self.sid = code, sid


def _ratchet_auth_octets(th0, direction, new, peer):
    return label("rk-sig") + th0 + u8(direction) + new + peer


class Session:
    def __init__(self, me, dik, peer, direction, th0, keys, own, peer_key, now_ms):
        """`direction` 0: the initiator, with `own` = EK_A; 1: the responder, with `peer_key` = EK_A."""
        root, chain, pqr, _, _, self.sid = keys
        self.me, self.dik, self.peer, self.direction, self.th0 = me, dik, peer, direction, th0
        self.ec = EcRatchet(self.sid, root, chain, own, peer_key)
        self.pq = PqRatchet(self, pqr, direction == 0, now_ms)
        self.heard, self.dead, self.heard_epoch = direction == 1, False, 0
        self.created_ms = now_ms
        self.init, self.init_hash, self.replaces = None, None, []
        self.ratchet_auth = None  # until it is acknowledged

    # --- sending ------------------------------------------------------------------------------------------------------

    def seal(self, inner, now_ms, random):
        """The wire form of a message with the fields of `inner` and what the ratchets have to say."""
        if self.ec.step_to_send(random):
            octets = _ratchet_auth_octets(self.th0, self.direction, self.ec.own.public, self.ec.peer)
            self.ratchet_auth = self.dik.ecdsa(octets)
        step, asks = (None, False) if self.dead else self.pq.next_step(now_ms, random)
        inner = dict(inner, ratchet_auth=self.ratchet_auth, pq_step=step)
        header = Header(self.sid, random(16), self.ec.own.public, self.ec.previous_sent, self.ec.sending.next,
                        self.pq.sending_epoch, self.pq.sending.next, self.pq.previous_sent, WANT_PQ if asks else 0)
        keys = self._keys(header, self.direction, self.ec.sending.step(), self.pq.sending.step())
        self.pq.messages += 1
        message = Message.seal(header, keys, pad(encode("Inner", inner)))
        return message if self.heard_from_peer() else self.init.octets + message

    def heard_from_peer(self):
        return self.init is None or self.heard

    def acknowledge(self, ratchet_key):
        """AckInfo: the peer holds this key of ours."""
        if self.ec.is_own(ratchet_key):
            self.ratchet_auth = None

    # --- receiving ----------------------------------------------------------------------------------------------------

    def open(self, message, now_ms, jump, random):
        """(the session afterwards, payload, what the peer's step broke or None). This session stays as it was."""
        header, work = message.header, copy.deepcopy(self)
        if work.ec.is_own(header.ratchet_key):
            raise Refused("REFLECTED", "an own ratchet key", self.sid)
        known = work.ec.is_known(header.ratchet_key)
        padded = message.open(work._keys_to_open(header, jump))
        if padded is None:
            raise Refused("BAD_MAC" if known else "UNDECRYPTABLE", "message", self.sid)
        inner = _parse(padded)
        if not known:
            octets = _ratchet_auth_octets(self.th0, 1 - self.direction, header.ratchet_key, self.ec.own.public)
            if not ecdsa_verify(self.peer.dik, octets, inner["ratchet_auth"]):
                raise Refused("BAD_SIGNATURE", "ratchet key", self.sid)
        broken = work._commit(header, inner, now_ms, random)
        return work, inner, broken

    def _keys_to_open(self, header, jump):
        try:
            mk_pq = self.pq.receive_key(header, jump)
            return self._keys(header, 1 - self.direction, self.ec.receive_key(header, jump), mk_pq)
        except Used:
            raise Refused("STALE_INDEX", "", self.sid) from None
        except TooFar:
            raise Refused("UNDECRYPTABLE", "counter or epoch", self.sid) from None

    def _commit(self, header, inner, now_ms, random):
        self.heard, self.heard_epoch = True, max(self.heard_epoch, header.pq_epoch)
        self.pq.messages += 1
        self.pq.heard_in(header.pq_epoch)
        self.pq.peer_wants |= bool(header.flags & WANT_PQ)
        if "pq_step" in inner and not self.dead:
            try:
                self.pq.receive_step(inner["pq_step"], self.heard_epoch, now_ms, random)
            except Reset as reset:
                self.dead = True
                return str(reset)
        return None

    def _keys(self, header, direction, mk_ec, mk_pq):
        return message_keys(mk_ec, mk_pq, self.sid, direction, header.n, header.pq_epoch, header.pq_n, header.salt)


def _parse(padded):
    inner = decode("Inner", unpad(padded))
    if bool(inner["content"]) != ("proof" in inner):
        raise Malformed("content without proof, or proof without content")
    if "proof" in inner and len(inner["proof"]["msg_id"]) != 16:
        raise Malformed("msg_id")
    return inner
