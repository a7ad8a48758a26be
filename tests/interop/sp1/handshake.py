"""Opening a session from both sides (session-protocol.md 4)."""

from dataclasses import dataclass

from . import libcrypto as crypto
from . import prekeys, schedule
from .encoding import Malformed, Reader, label, padded_size, u32
from .keys import HYBRID_SIGNATURE, KeyPair, hybrid_verify
from .protobuf import decode, encode
from .session import Refused, Session
from .wire import NO_ONE_TIME, Init

LONGEST_CLAIM = 1024
MOST_REPLACES = 16


@dataclass
class _Secrets:
    """What both sides compute from the prekeys before either knows who the initiator is."""
    th_pre: bytes
    prk0: bytes

    def keys(self, id_a):
        """TH0 and the keys under it."""
        th0 = schedule.th0(self.th_pre, id_a)
        return th0, schedule.handshake_keys(self.prk0, th0)

    def claim_keys(self):
        return schedule.claim_keys(schedule.hsk(self.prk0, self.th_pre))


def _secrets(id_b, spk, opk, kpk, ek_a, ct0, batch_hash, kem_secret, ecdh_secrets):
    th = schedule.th_pre(id_b, spk, opk, crypto.sha384(kpk), ek_a, crypto.sha384(ct0), batch_hash)
    return _Secrets(th, schedule.prk0(kem_secret, *ecdh_secrets))


def _signed(th0, claim):
    return label("hs-sig") + th0 + crypto.sha384(claim)


def initiate(me, dik, peer, bundle, view, replaces, now_ms, random):
    """A Session whose messages carry the INIT. `view`: what a Gossip would say."""
    spk, one_time = bundle.verify(peer, now_ms), bundle.one_time
    opk, kpk = (one_time.opk, one_time.kpk) if one_time else (None, bundle.kpk_last)
    batch_hash, pair = schedule.bundle_hash(bundle.batch), KeyPair.generate(random)
    ct0, kem_secret = crypto.encapsulate(prekeys.KEM, kpk, random)
    shared = [crypto.ecdh(pair.scalar, point) for point in (spk, opk) if point]
    secrets = _secrets(peer.identity(), spk, opk, kpk, pair.public, ct0, batch_hash, kem_secret, shared)
    th0, keys = secrets.keys(me.identity())

    session = Session(me, dik, peer, 0, th0, keys, own=pair, peer_key=None, now_ms=now_ms)
    claim = encode("IdClaim", {"account": me.account, "device": me.device, "ek1_hash": session.pq.propose(random),
                               "replaces": replaces} | view)
    padded = u32(len(claim)) + claim + dik.sign(_signed(th0, claim))
    padded = padded.ljust(padded_size(len(claim) + HYBRID_SIGNATURE), b"\0")
    index = one_time.index if one_time else NO_ONE_TIME
    session.init = Init.seal(batch_hash, index, pair.public, ct0, secrets.claim_keys(), padded)
    session.init_hash = crypto.sha384(session.init.octets)
    session.replaces = replaces
    return session


def _open_claim(init, secrets):
    padded = init.open(secrets.claim_keys())
    if padded is None:
        raise Refused("BAD_MAC", "idC")
    reader = Reader(padded)
    octets = reader.take(reader.number(4))
    signature = reader.take(HYBRID_SIGNATURE)
    if len(octets) > LONGEST_CLAIM or len(padded) != padded_size(len(octets) + HYBRID_SIGNATURE) or any(reader.rest):
        raise Malformed("idC")
    claim = decode("IdClaim", octets)
    sizes = [len(claim["account"]), len(claim["device"]), *map(len, claim["replaces"])]
    if any(size != 16 for size in sizes) or len(claim["replaces"]) > MOST_REPLACES or len(claim["ek1_hash"]) != 48:
        raise Malformed("claim")
    return octets, claim, signature


def responder_secrets(me, batch, init):
    """The shared secrets of an INIT for `batch`; raises Refused when a private half is gone."""
    opk = kpk = seed = None
    if init.index == NO_ONE_TIME:
        kpk, seed = batch.kpk_last, batch.last_seed
    elif init.index < len(batch.opks) and init.index not in batch.used:
        opk, kpk, seed = batch.opks[init.index], batch.kpks[init.index], batch.seeds[init.index]
    else:
        raise Refused("UNKNOWN_PREKEY", "one-time pair")
    kem_secret = crypto.decapsulate(prekeys.KEM, seed, init.ct0)
    shared = [crypto.ecdh(pair.scalar, init.ek_a) for pair in (batch.spk, opk) if pair]
    return _secrets(me.identity(), batch.spk.public, opk.public if opk else None, kpk, init.ek_a, init.ct0, batch.hash,
                    kem_secret, shared)


def respond(me, dik, batch, init, sid, find_party, now_ms):
    """(Session, claim) of an INIT for `batch`; the caller destroys the one-time pair when the message opens too."""
    secrets = responder_secrets(me, batch, init)
    octets, claim, signature = _open_claim(init, secrets)
    peer = find_party(claim["account"], claim["device"])
    if peer is None:
        raise Refused("UNKNOWN_DEVICE", "not in the account's newest manifest")
    th0, keys = secrets.keys(peer.identity())
    if not hybrid_verify(peer.dik, _signed(th0, octets), signature):
        raise Refused("BAD_SIGNATURE", "SIG_A")
    session = Session(me, dik, peer, 1, th0, keys, own=None, peer_key=init.ek_a, now_ms=now_ms)
    if session.sid != sid:
        raise Refused("BAD_MAC", "derived SID")
    session.init_hash = crypto.sha384(init.octets)
    session.pq.expected_ek1 = claim["ek1_hash"]
    return session, claim
