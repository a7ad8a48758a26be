"""A device: its prekeys, its sessions with each peer device, which one sends, errors and repair (3, 4, 7 to 9)."""

import enum
from collections import deque
from dataclasses import dataclass, field

from . import content as contents
from . import handshake
from . import libcrypto as crypto
from . import wire
from .chains import FORWARD_JUMP, FORWARD_JUMP_AFTER_FORGERIES
from .encoding import Malformed
from .keys import HybridKey, Party
from .prekeys import MOST_SESSION_IDS, Batch
from .session import Refused

ACCEPTED_KEPT = 2048
SENT_KEPT = 4096
REMOVED_KEPT = 64
REPORTED_KEPT = 64
SENT_HEEDED_MS = 7 * 24 * 3600 * 1000
FORGERIES = 8
FORGERIES_MS = 10 * 60 * 1000
ERROR_ADDRESSEES = 8
INTERVAL_MS = 10 * 60 * 1000  # of resets and errors
MOST_DOUBLINGS = 7
FORGIVEN_MS = 24 * 3600 * 1000
MOST_ERRORS = 10
MOST_ERRORS_ABOUT_A_SESSION = 4
MOST_REPETITIONS = 8


class Code(enum.IntEnum):  # SessionError.Code
    UNKNOWN_SESSION = 1
    UNKNOWN_PREKEY = 2
    STALE_INDEX = 3
    UNDECRYPTABLE = 4


def hash16(octets):
    return crypto.sha384(octets)[:16]


class BackOff:
    """First at once, then after INTERVAL_MS, doubled each time; a quiet day forgives (8)."""

    def __init__(self):
        self.uses, self.last_ms = 0, 0

    def allows(self, now_ms):
        return self.uses == 0 or now_ms - self.last_ms >= INTERVAL_MS << min(self.uses - 1, MOST_DOUBLINGS)

    def use(self, now_ms):
        self.uses = 0 if now_ms - self.last_ms >= FORGIVEN_MS else self.uses
        self.uses, self.last_ms = self.uses + 1, now_ms


def _view(message):
    """The Gossip in a Gossip or an IdClaim."""
    return {name: message[name] for name in ("own_manifest", "peer_manifest", "transparency_head") if name in message}


@dataclass
class Sent:
    sid: bytes
    sent_ms: int
    said: "Said | None"  # what the message carried: a content
    error: "Report | None"  # or an error
    named: bool = False  # by an error: at most one counts


@dataclass
class Said:
    """A content of one's own, as it is to be repeated."""
    content: bytes
    proof: dict
    repetitions: int = 0
    newest: bytes = b""  # H(wire)[0:16] of its last envelope


@dataclass
class Report:
    """A SessionError of one's own."""
    error: dict
    repetitions: int = 0
    newest: bytes = b""


def _may_repeat(carried, wire_hash):
    """Whether an error that names the envelope `wire_hash` makes it go again."""
    if wire_hash != carried.newest or carried.repetitions >= MOST_REPETITIONS:
        return False
    carried.repetitions += 1
    return True


@dataclass
class Received:
    sender: Party
    sid: bytes
    inner: dict
    broken: str | None  # why the session was reset
    died: list = field(default_factory=list)  # SIDs that the message ended
    content: bytes = b""  # empty when there was none, or the sequence number was seen before
    repeat: list = field(default_factory=list)  # the Said that the sender's error asks to send again


@dataclass
class Peer:
    party: Party
    sessions: dict = field(default_factory=dict)
    own_inits: list = field(default_factory=list)  # SIDs, oldest first
    removed: deque = field(default_factory=lambda: deque(maxlen=REMOVED_KEPT))
    accepted: deque = field(default_factory=lambda: deque(maxlen=ACCEPTED_KEPT))
    sent: dict = field(default_factory=dict)
    replaces: list = field(default_factory=list)
    acks: list = field(default_factory=list)
    forgeries: dict = field(default_factory=dict)  # SID -> times
    resets: BackOff = field(default_factory=BackOff)
    error_inits: BackOff = field(default_factory=BackOff)
    errors_ms: deque = field(default_factory=lambda: deque(maxlen=MOST_ERRORS))  # when the last ones were reported
    reported: deque = field(default_factory=lambda: deque(maxlen=REPORTED_KEPT))  # and about which sessions
    seen: set = field(default_factory=set)  # sender_seq of the peer in the direct conversation
    next_sequence: int = 0
    previous_hash: bytes = b""
    view: dict = field(default_factory=lambda: {"own_manifest": {"version": 1, "hash16": bytes(16)}})  # to gossip
    heard_view: dict | None = None  # the peer's, from its newest claim or gossip

    def sending(self, but=None):
        """The sending session among all but the one with SID `but`."""
        alive = [s for s in self.sessions.values() if not s.dead and s.sid != but]
        heard = [s for s in alive if s.heard]
        if heard:
            return min(heard, key=lambda s: s.sid)
        return self.newest_init(but)

    def newest_init(self, but=None):
        """The newest own INIT that may still be answered."""
        unheard = [s for s in self.sessions.values() if s.sid != but and not s.dead and not s.heard]
        return max(unheard, key=lambda s: self.own_inits.index(s.sid), default=None)

    def unnamed(self):
        """What no INIT of ours on its way names yet."""
        named = {sid for s in self.sessions.values() if not s.heard and not s.dead for sid in s.replaces}
        return [sid for sid in self.replaces if sid not in named]

    def replace(self, session):
        """Ends a session of which the peer must hear that it is dead; what ended."""
        if session.dead:
            return []
        session.dead = True
        self.replaces.append(session.sid)
        return [session.sid]

    def in_doubt(self, sent, carrier):
        """What an error in the session `carrier` about the message `sent` says nothing can be sent in any more."""
        return [s for s in self.sessions.values()
                if s.sid == sent.sid or (s.heard and s.created_ms <= sent.sent_ms and s.sid != carrier)]

    def replaced(self, sids):
        """Ends what the peer's replaces[] names; what ended."""
        self.replaces = [sid for sid in self.replaces if sid not in sids]
        died = [sid for sid in sids if sid in self.sessions and not self.sessions[sid].dead]
        for sid in died:
            self.sessions[sid].dead = True
        return died

    def drop(self, session):
        """What an INIT named is in the list all along: it returns to unnamed()."""
        del self.sessions[session.sid]
        self.removed.append(session.sid)


class Device:
    def __init__(self, random, now_ms):
        self.random, self.now_ms = random, now_ms
        self.aik, self.dik = HybridKey(random), HybridKey(random)
        self.party = Party(random(16), random(16), self.aik.fingerprint, self.dik.public)
        self.batches = []
        self.peers = {}  # (account, device) -> Peer: what the verified manifests list
        self.heard_last = []
        self.reported = deque(maxlen=REPORTED_KEPT)
        self.errors = []  # (Peer, Report) that wait for flush()

    def meet(self, party):
        self.peers[party.account, party.device] = Peer(party)
        return self.peers[party.account, party.device]

    def new_batch(self, pairs):
        self.batches.append(Batch(self.party, self.dik, self.now_ms, pairs, self.random))
        return self.batches[-1]

    # --- sending ------------------------------------------------------------------------------------------------------

    def send(self, peer, body, fetch):
        """The envelope of a text; fetch() gives a bundle of the peer when a session must be opened."""
        content = contents.text(body, peer.previous_hash)
        return self._send_said(peer, self._say(peer, content, self.random(16)), fetch)

    def send_again(self, peer, said, fetch):
        return self._send_said(peer, said, fetch)

    def _say(self, peer, content, msg_id):
        peer.next_sequence = peer.next_sequence + 1 if peer.next_sequence else (self.now_ms // 1000 << 32) + 1
        peer.previous_hash = hash16(content)
        proof = contents.prove(self.party, self.dik, peer.party.account, msg_id, peer.next_sequence, self.now_ms,
                               content)
        return Said(content, proof)

    def _send_said(self, peer, said, fetch):
        session = peer.sending()
        if peer.unnamed() and peer.resets.allows(self.now_ms):
            peer.resets.use(self.now_ms)
            session = None
        session = session or self._open(peer, fetch)
        inner = {"content": said.content, "proof": said.proof, "gossip": peer.view}
        return self._seal(peer, session, inner, said=said)

    def _open(self, peer, fetch):
        session = handshake.initiate(self.party, self.dik, peer.party, fetch(), peer.view,
                                     peer.unnamed()[:handshake.MOST_REPLACES], self.now_ms, self.random)
        peer.sessions[session.sid] = session
        peer.own_inits.append(session.sid)
        return session

    def _seal(self, peer, session, inner, said=None, error=None):
        if peer.acks:
            inner["ack"] = {"ratchet_key": peer.acks.pop(0)}
        octets = session.seal(inner, self.now_ms, self.random)
        peer.sent[hash16(octets)] = Sent(session.sid, self.now_ms, said, error)
        (said or error).newest = hash16(octets)
        while len(peer.sent) > SENT_KEPT:
            del peer.sent[next(iter(peer.sent))]
        return octets

    def flush(self, fetch):
        """Envelopes with the errors that wait: never in the session that they are about."""
        out, waiting, self.errors = [], self.errors, []
        for peer, report in waiting:
            session = self._carrier(peer, report.error["session_id"], fetch)
            out.append(self._seal(peer, session, {"error": report.error}, error=report))
        return out

    def _carrier(self, peer, about, fetch):
        session = peer.newest_init(but=about)
        if session:
            return session
        if peer.error_inits.allows(self.now_ms):
            peer.error_inits.use(self.now_ms)
            return self._open(peer, fetch)
        return peer.sending(but=about) or self._open(peer, fetch)

    # --- receiving ----------------------------------------------------------------------------------------------------

    def receive(self, octets):
        try:
            init, message, inside = wire.decode(octets)
        except (Malformed, crypto.BadKey) as problem:
            raise Refused("MALFORMED", str(problem)) from None
        try:
            received = self._open_envelope(init, message)
        except (Malformed, crypto.BadKey) as problem:
            raise Refused("MALFORMED", str(problem)) from None
        except Refused as refused:
            self._refuse(refused, message.header.sid, octets, inside)
            raise
        peer = self._peer_of(received.sid)
        peer.accepted.append(hash16(inside))
        peer.forgeries.pop(received.sid, None)
        self.heard_last = [p for p in self.heard_last if p is not peer][-ERROR_ADDRESSEES + 1:] + [peer]
        received.content = self._content(peer, received.inner)
        return received

    def _open_envelope(self, init, message):
        sid = message.header.sid
        peer = self._peer_of(sid)
        batch = claim = None
        if peer:
            session = peer.sessions[sid]
            if init and crypto.sha384(init.octets) != session.init_hash:
                raise Refused("INIT_MISMATCH", "", sid)
        elif not init:
            raise Refused("UNKNOWN_SESSION")
        else:
            peer, session, claim, batch = self._respond(init, sid)
        before = session
        session, inner, broken = before.open(message, self.now_ms, self._jump(peer, sid), self.random)
        # The message is authentic: from here on state changes, whatever it says.
        received = Received(peer.party, sid, inner, broken)
        if batch:
            batch.session_ids.add(sid)
            batch.used |= {init.index} - {wire.NO_ONE_TIME}
            received.died += peer.replaced(claim["replaces"])
        peer.sessions[sid] = session
        if not before.heard:
            peer.replaces = [dead for dead in peer.replaces if dead not in session.replaces]
        if before.dead and sid not in peer.replaces:
            peer.replaces.append(sid)
        if broken:
            received.died += peer.replace(session)
        if session.ec.peer != before.ec.peer and peer.sending() is not session:
            peer.acks.append(session.ec.peer)
        for view in (claim, inner.get("gossip")):
            peer.heard_view = _view(view) if view else peer.heard_view
        self._heed(peer, inner, received)
        return received

    def _respond(self, init, sid):
        if any(sid in batch.session_ids for batch in self.batches):
            raise Refused("REPLAYED_INIT", "", sid)
        batch = next((b for b in self.batches if b.hash == init.bundle_hash), None)
        if batch is None or len(batch.session_ids) >= MOST_SESSION_IDS:
            raise Refused("UNKNOWN_PREKEY", "batch")
        session, claim = handshake.respond(self.party, self.dik, batch, init, sid, self._find_party, self.now_ms)
        return self.peers[session.peer.account, session.peer.device], session, claim, batch

    def _find_party(self, account, device):
        peer = self.peers.get((account, device))
        return peer and peer.party

    def _peer_of(self, sid):
        return next((peer for peer in self.peers.values() if sid in peer.sessions), None)

    def _content(self, peer, inner):
        """What the message says, b"" when nothing or nothing new."""
        if "proof" not in inner:
            return b""
        proof = inner["proof"]
        refusal = contents.refusal(self.party, peer.party, proof, inner["content"])
        if refusal:
            raise Refused(refusal, "content")
        if proof["sender_seq"] in peer.seen:
            return b""
        peer.seen.add(proof["sender_seq"])
        return inner["content"]

    # --- errors -------------------------------------------------------------------------------------------------------

    def _jump(self, peer, sid):
        recent = [t for t in peer.forgeries.get(sid, []) if t > self.now_ms - FORGERIES_MS]
        return FORWARD_JUMP_AFTER_FORGERIES if len(recent) >= FORGERIES else FORWARD_JUMP

    def _refuse(self, refused, sid, octets, inside):
        peer = self._peer_of(sid)
        addressees = [peer] if peer else self._likely_senders()
        if refused.code == "BAD_MAC" and peer:
            peer.forgeries.setdefault(sid, []).append(self.now_ms)
        if refused.code not in Code.__members__:
            return
        if any(hash16(inside) in p.accepted for p in self.peers.values()):
            raise Refused("DUPLICATE", "", sid) from None
        if hash16(octets) in self.reported:
            return
        self.reported.append(hash16(octets))
        error = {"code": Code[refused.code], "wire_hash16": hash16(octets), "session_id": sid}
        self.errors += [(addressee, Report(error)) for addressee in addressees if self._may_report(addressee, error)]

    def _likely_senders(self):
        """Of a message that names nobody: who was heard last, then who was only written to."""
        written_to = [p for p in self.peers.values() if p.sent and p not in self.heard_last]
        return (self.heard_last[::-1] + written_to)[:ERROR_ADDRESSEES]

    def _may_report(self, peer, error):
        times = peer.errors_ms
        recent = [sid for sid, ms in peer.reported if self.now_ms - ms < INTERVAL_MS]
        if recent.count(error["session_id"]) >= MOST_ERRORS_ABOUT_A_SESSION:
            return False
        if len(times) == MOST_ERRORS and self.now_ms - times[0] < INTERVAL_MS:
            return False
        if peer.sending(but=error["session_id"]) is None and not peer.error_inits.allows(self.now_ms):
            return False
        times.append(self.now_ms)
        peer.reported.append((error["session_id"], self.now_ms))
        return True

    def _heed(self, peer, inner, received):
        if "ack" in inner:
            for session in peer.sessions.values():
                session.acknowledge(inner["ack"]["ratchet_key"])
        error = inner.get("error")
        sent = error and peer.sent.get(error["wire_hash16"])
        if not sent or sent.named or self.now_ms - sent.sent_ms > SENT_HEEDED_MS:
            return
        sent.named = True
        session = peer.sessions.get(sent.sid)
        if error["code"] == Code.UNKNOWN_PREKEY:
            if session and not session.heard:
                peer.drop(session)
                received.died.append(session.sid)
        else:
            for each in peer.in_doubt(sent, received.sid):
                received.died += peer.replace(each)
        if sent.error and _may_repeat(sent.error, error["wire_hash16"]):
            self.errors.append((peer, sent.error))
        elif sent.said and _may_repeat(sent.said, error["wire_hash16"]):
            received.repeat.append(sent.said)
