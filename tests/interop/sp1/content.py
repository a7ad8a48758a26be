"""Contents and the proof that travels beside them (session-protocol.md 6)."""

from . import libcrypto as crypto
from .encoding import label, u64
from .keys import ecdsa_verify
from .protobuf import encode


def direct_conversation(one, other):
    return crypto.sha256(label("dm") + min(one, other) + max(one, other))


def _signed(conversation, account, fp, proof, content):
    return (label("ct-sig") + conversation + account + fp + proof["msg_id"] + u64(proof["sender_seq"])
            + u64(proof["sent_ms"]) + crypto.sha384(content))


def text(body, previous):
    """A serialised Content."""
    return encode("Content", {"text": {"body": body.encode()}, "previous_hash16": previous})


def prove(me, dik, other_account, msg_id, sequence, sent_ms, content):
    """A ContentProof for a direct conversation."""
    proof = {"msg_id": msg_id, "sender_seq": sequence, "sent_ms": sent_ms, "dm_account": other_account}
    conversation = direct_conversation(me.account, other_account)
    return proof | {"signature": dik.ecdsa(_signed(conversation, me.account, me.fp, proof, content))}


def refusal(me, sender, proof, content):
    """None when `proof` shows that `sender` said `content` in a direct conversation with this account, else why not."""
    if proof["dm_account"] != me.account:
        return "WRONG_CONVERSATION"
    conversation = direct_conversation(me.account, sender.account)
    signed = _signed(conversation, sender.account, sender.fp, proof, content)
    return None if ecdsa_verify(sender.dik, signed, proof["signature"]) else "BAD_SIGNATURE"
