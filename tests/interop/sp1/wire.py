"""INIT, MSG and their encryption (session-protocol.md 4 and 6)."""

from dataclasses import dataclass

from . import libcrypto as crypto
from .encoding import LONGEST_ENVELOPE, Malformed, Reader, label, u16, u32, u64, u8, vector
from .schedule import SUITE

VERSION, TYPE_MSG, TYPE_INIT = 1, 1, 2
HEADER, TAG = 88, 32
WANT_PQ = 1
NO_ONE_TIME = 0xFFFFFFFF
CT0 = 1568
COUNTER_END = 2**31


def tag(mac, authenticated, ciphertext):
    covered = label("tag") + vector(authenticated) + u64(len(ciphertext)) + ciphertext
    return crypto.hmac384(mac, covered)[:TAG]


@dataclass
class Header:
    sid: bytes
    salt: bytes
    ratchet_key: bytes
    pn: int
    n: int
    pq_epoch: int
    pq_n: int
    pq_pn: int
    flags: int

    def encode(self):
        counters = (self.pn, self.n, self.pq_epoch, self.pq_n, self.pq_pn)
        return (u8(VERSION) + u8(TYPE_MSG) + self.sid + self.salt + self.ratchet_key + b"".join(map(u32, counters))
                + u8(self.flags))


@dataclass
class Message:
    header: Header
    header_octets: bytes
    ciphertext: bytes
    tag: bytes

    @classmethod
    def decode(cls, octets):
        reader = Reader(octets)
        reader.expect(u8(VERSION) + u8(TYPE_MSG))
        header = Header(reader.take(16), reader.take(16), reader.take(33), *map(reader.number, (4, 4, 4, 4, 4, 1)))
        if header.flags & ~WANT_PQ:
            raise Malformed("flags")
        crypto.check_point(header.ratchet_key)
        if len(reader.rest) < TAG:
            raise Malformed("truncated")
        return cls(header, octets[:HEADER], reader.rest[:-TAG], reader.rest[-TAG:])

    @staticmethod
    def seal(header, keys, padded):
        enc, iv, mac = keys
        octets, ciphertext = header.encode(), crypto.aes256_ctr(enc, iv, padded)
        return octets + ciphertext + tag(mac, octets, ciphertext)

    def open(self, keys):
        """The padded payload, None when the tag is wrong."""
        enc, iv, mac = keys
        if tag(mac, self.header_octets, self.ciphertext) != self.tag:
            return None
        return crypto.aes256_ctr(enc, iv, self.ciphertext)


@dataclass
class Init:
    """An INIT without the message that it carries; `octets` is its exact wire form."""
    bundle_hash: bytes
    index: int  # of the one-time pair, NO_ONE_TIME for the last resort
    ek_a: bytes
    ct0: bytes
    sealed_claim: bytes
    tag: bytes
    octets: bytes

    @staticmethod
    def front(batch_hash, index, ek_a, ct0, size):
        """What stands before idC, its associated data."""
        return u8(VERSION) + u8(TYPE_INIT) + u16(SUITE) + u8(0) + batch_hash + u32(index) + ek_a + ct0 + u32(size)

    @classmethod
    def seal(cls, batch_hash, index, ek_a, ct0, keys, padded):
        enc, iv, mac = keys
        front, sealed = cls.front(batch_hash, index, ek_a, ct0, len(padded)), crypto.aes256_ctr(enc, iv, padded)
        mark = tag(mac, front, sealed)
        return cls(batch_hash, index, ek_a, ct0, sealed, mark, front + sealed + mark)

    def open(self, keys):
        enc, iv, mac = keys
        front = self.octets[:-TAG - len(self.sealed_claim)]
        if tag(mac, front, self.sealed_claim) != self.tag:
            return None
        return crypto.aes256_ctr(enc, iv, self.sealed_claim)


def decode(octets):
    """(Init or None, Message, the octets of the message alone). Raises Malformed or BadKey."""
    if len(octets) > LONGEST_ENVELOPE:
        raise Malformed("too long")
    if octets[:2] != u8(VERSION) + u8(TYPE_INIT):
        return None, Message.decode(octets), octets
    reader = Reader(octets)
    reader.expect(u8(VERSION) + u8(TYPE_INIT) + u16(SUITE) + u8(0))
    fields = [reader.take(48), reader.number(4), reader.take(33), reader.take(CT0)]
    sealed = reader.take(reader.number(4))
    mark = reader.take(TAG)
    crypto.check_point(fields[2])
    init = Init(*fields, sealed, mark, octets[:len(octets) - len(reader.rest)])
    return init, Message.decode(reader.rest), reader.rest
