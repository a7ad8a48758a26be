"""Hybrid identity keys, fingerprints and ratchet key pairs (session-protocol.md 2 and 3)."""

from dataclasses import dataclass

from . import libcrypto as crypto
from .encoding import label, vector

HYBRID_PUBLIC = 33 + 1952
HYBRID_SIGNATURE = 64 + crypto.ML_DSA_SIGNATURE


def fingerprint(public):
    return crypto.sha256(label("ik") + public)


def ecdsa_verify(public, message, signature):
    """With the classical half of a hybrid public key."""
    return crypto.ecdsa_verify(public[:33], message, signature)


def ml_dsa_verify(public, message, signature):
    return crypto.ml_dsa_verify(public[33:], message, signature)


def hybrid_verify(public, message, signature):
    return (len(signature) == HYBRID_SIGNATURE and ecdsa_verify(public, message, signature[:64])
            and ml_dsa_verify(public, message, signature[64:]))


class HybridKey:
    """An AIK or DIK with its private halves."""

    def __init__(self, random):
        self.scalar, self.seed = crypto.p256_scalar(random), random(32)
        self.public = crypto.p256_public(self.scalar) + crypto.ml_dsa_public(self.seed)
        self.fingerprint = fingerprint(self.public)

    def ecdsa(self, message):
        return crypto.ecdsa_sign(self.scalar, message)

    def ml_dsa(self, message):
        return crypto.ml_dsa_sign(self.seed, message)

    def sign(self, message):
        return self.ecdsa(message) + self.ml_dsa(message)


@dataclass(frozen=True)
class KeyPair:
    """A P-256 pair: a prekey, EK_A or a ratchet key."""
    scalar: bytes
    public: bytes

    @classmethod
    def generate(cls, random):
        scalar = crypto.p256_scalar(random)
        return cls(scalar, crypto.p256_public(scalar))


@dataclass(frozen=True)
class Party:
    """What is known about a device from its account's verified manifest, one's own device included."""
    account: bytes
    device: bytes
    fp_aik: bytes
    dik: bytes  # hybrid public key, 1985 octets

    @property
    def fp(self):
        return fingerprint(self.dik)

    def identity(self):
        """idX of section 4."""
        return vector(self.account) + vector(self.device) + self.fp_aik + self.fp
