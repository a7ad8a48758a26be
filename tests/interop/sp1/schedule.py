"""Every derivation of session-protocol.md 4, 5, 6 and 11. Functions of octets; all secrets are 48 octets."""

from .encoding import label, u16, u32, u64, u8
from .libcrypto import expand, extract, hmac384, sha384

SUITE = 1


def bundle_hash(batch):
    return sha384(label("bundle") + batch)


# --- 4 ----------------------------------------------------------------------------------------------------------------

def th_pre(id_b, spk, opk, kpk_hash, ek_a, ct0_hash, batch_hash):
    """`opk` is None for a last-resort handshake."""
    pre = (u16(SUITE) + u8(0) + id_b + spk + u8(opk is not None) + (opk or b"") + kpk_hash + ek_a + ct0_hash
           + batch_hash)
    return sha384(label("hs-pre") + pre)


def prk0(kem_secret, *ecdh_secrets):
    return extract(sha384(label("hs-salt")), kem_secret + b"".join(ecdh_secrets))


def hsk(prk, th):
    return expand(prk, label("hs-id") + th, 48)


def th0(th, id_a):
    return sha384(label("hs") + th + id_a)


def handshake_keys(prk, transcript):
    """RK0, CK0, PQR, TK_A2B, TK_B2A, SID."""
    return expand(prk, label("hs-keys") + transcript, 48, 48, 48, 48, 48, 16)


def claim_keys(hs_key):
    """enc, iv, mac of idC."""
    return expand(hs_key, label("hs-msg"), 32, 16, 48)


def pq_root(pqr, sid):
    """PQRK_0, CKpq_A2B, CKpq_B2A."""
    return expand(pqr, label("pq0") + sid, 48, 48, 48)


# --- 5 ----------------------------------------------------------------------------------------------------------------

def ec_step(root, shared, sid, new, peer):
    """RK', CK. `new` is the ratchet key of the side that begins the chain, `peer` the other's."""
    return expand(extract(root, shared), label("ec-rk") + sid + new + peer, 48, 48)


def pq_step(root, shared, sid, epoch, ek_hash, ct_hash):
    """PQRK_e, CKpq_A2B, CKpq_B2A, TK_A2B, TK_B2A."""
    return expand(extract(root, shared), label("pq-ep") + sid + u32(epoch) + ek_hash + ct_hash, 48, 48, 48, 48, 48)


def chain_step(chain_key, ratchet):
    """Message key and next chain key of a chain of `ratchet` ("ec" or "pq")."""
    return expand(chain_key, label(f"{ratchet}-mk"), 48), expand(chain_key, label(f"{ratchet}-ck"), 48)


# --- 6 and 11 ---------------------------------------------------------------------------------------------------------

def message_keys(mk_ec, mk_pq, sid, direction, n, pq_epoch, pq_n, salt):
    """enc, iv, mac."""
    info = label("msg") + sid + u8(direction) + u32(n) + u32(pq_epoch) + u32(pq_n) + salt
    return expand(extract(mk_pq, mk_ec), info, 32, 16, 48)


def hint(traffic_key, index):
    return hmac384(traffic_key, label("hint") + u64(index))[:8]
