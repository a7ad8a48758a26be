"""What the generators of vectors share: notation of docs/specs/session-protocol.md 2, with hashlib and hmac only."""

import hashlib
import hmac

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256


def label(name):
    return b"sp1." + name.encode() + b"\0"


def octets(name, size):
    """Reproducible octets that look like nothing."""
    return hashlib.shake_256(name.encode()).digest(size)


def extract(salt, secret):
    return hmac.digest(salt, secret, "sha384")


def expand(prk, info, size):
    out, block, counter = b"", b"", 0
    while len(out) < size:
        counter += 1
        block = hmac.digest(prk, block + info + bytes([counter]), "sha384")
        out += block
    return out[:size]
