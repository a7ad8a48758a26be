"""Prekey batches, bundles and the private halves behind them (session-protocol.md 3)."""

from dataclasses import dataclass

from . import libcrypto as crypto
from .encoding import Malformed, Reader, label, u16, u32, u64, u8, vector
from .keys import KeyPair, hybrid_verify
from .schedule import SUITE, bundle_hash

KEM = "ML-KEM-1024"
DAY_MS = 24 * 3600 * 1000
LONGEST_VALIDITY_MS = 35 * DAY_MS
FUTURE_MS = 2 * DAY_MS
KEPT_MS = 37 * DAY_MS  # private halves, after replacement
MOST_PAIRS = 128
MOST_SESSION_IDS = 16384


def leaf(index, opk, kpk):
    return crypto.sha256(b"\0" + u32(index) + opk + crypto.sha384(kpk))


def _split(count):
    """The largest power of two below `count` (RFC 6962 2.1)."""
    return 1 << (count - 1).bit_length() - 1


def merkle_root(leaves):
    if not leaves:
        return bytes(32)
    if len(leaves) == 1:
        return leaves[0]
    at = _split(len(leaves))
    return crypto.sha256(b"\1" + merkle_root(leaves[:at]) + merkle_root(leaves[at:]))


def merkle_path(leaves, index):
    """From the leaf upwards (RFC 6962 2.1.1)."""
    if len(leaves) == 1:
        return []
    at = _split(len(leaves))
    if index < at:
        return merkle_path(leaves[:at], index) + [merkle_root(leaves[at:])]
    return merkle_path(leaves[at:], index - at) + [merkle_root(leaves[:at])]


def root_from_path(node, index, count, path):
    """The root that `path` gives; raises Malformed when its length does not fit the tree."""
    if count == 1:
        if path:
            raise Malformed("path too long")
        return node
    if not path:
        raise Malformed("path too short")
    at = _split(count)
    if index < at:
        return crypto.sha256(b"\1" + root_from_path(node, index, at, path[:-1]) + path[-1])
    return crypto.sha256(b"\1" + path[-1] + root_from_path(node, index - at, count - at, path[:-1]))


@dataclass
class OneTimePart:
    index: int
    opk: bytes
    kpk: bytes
    path: list


@dataclass
class Bundle:
    """What a server serves: the signed batch, KPK_last, and a one-time part or None."""
    batch: bytes
    signature: bytes
    kpk_last: bytes
    one_time: OneTimePart | None

    def verify(self, party, now_ms):
        """SPK33 of a bundle that is genuine and valid; raises Malformed otherwise."""
        front = (label("pk-batch") + u16(SUITE) + u8(0) + vector(party.account) + vector(party.device) + party.fp_aik
                 + party.fp)
        reader = Reader(self.batch)
        reader.expect(front)
        created, expires, spk = reader.number(8), reader.number(8), reader.take(33)
        reader.expect(crypto.sha384(self.kpk_last))
        count, root = reader.number(4), reader.take(32)
        if reader.rest or count > MOST_PAIRS or not created < expires <= created + LONGEST_VALIDITY_MS:
            raise Malformed("prekey batch")
        if not created - FUTURE_MS <= now_ms < expires:
            raise Malformed("prekey batch out of its time")
        crypto.check_point(spk)
        if not hybrid_verify(party.dik, self.batch, self.signature):
            raise Malformed("signature of the prekey batch")
        part = self.one_time
        if part is not None:
            crypto.check_point(part.opk)
            if part.index >= count or root != root_from_path(leaf(part.index, part.opk, part.kpk), part.index, count,
                                                             part.path):
                raise Malformed("one-time pair is not of this batch")
        return spk


class Batch:
    """A batch of one's own with its private halves and its memory of session ids."""

    def __init__(self, party, dik, now_ms, pairs, random):
        self.spk = KeyPair.generate(random)
        self.last_seed = random(64)
        self.opks = [KeyPair.generate(random) for _ in range(pairs)]
        self.seeds = [random(64) for _ in range(pairs)]
        self.kpks = [crypto.ml_kem_public(KEM, seed) for seed in self.seeds]
        self.kpk_last = crypto.ml_kem_public(KEM, self.last_seed)
        self.leaves = [leaf(i, pair.public, kpk) for i, (pair, kpk) in enumerate(zip(self.opks, self.kpks))]
        self.octets = (label("pk-batch") + u16(SUITE) + u8(0) + vector(party.account) + vector(party.device)
                       + party.fp_aik + party.fp + u64(now_ms) + u64(now_ms + LONGEST_VALIDITY_MS) + self.spk.public
                       + crypto.sha384(self.kpk_last) + u32(pairs) + merkle_root(self.leaves))
        self.signature = dik.sign(self.octets)
        self.hash = bundle_hash(self.octets)
        self.session_ids = set()
        self.used = set()

    def bundle(self, index):
        """As a server would serve it; `index` None for the last resort."""
        part = None
        if index is not None:
            part = OneTimePart(index, self.opks[index].public, self.kpks[index], merkle_path(self.leaves, index))
        return Bundle(self.octets, self.signature, self.kpk_last, part)
