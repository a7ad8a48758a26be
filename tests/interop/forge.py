"""Envelopes that an honest device would not send: altered octets, and payloads altered inside genuine encryption.

What goes to C++ is made by the Python sender with altered parts. What goes to Python is a message of C++, opened with
the receiver's keys, altered and sealed again: the C++ side keeps its signing key to itself, so such a message carries
no signature that it did not make.
"""

import copy
from unittest import mock

from sp1 import handshake, protobuf
from sp1.chains import FORWARD_JUMP
from sp1.encoding import Reader, pad, padded_size, unpad, vector
from sp1.keys import HYBRID_SIGNATURE, HybridKey
from sp1.wire import Init, Message, decode


def flipped(octets, at, bit=1):
    out = bytearray(octets)
    out[at] ^= bit
    return bytes(out)


def payload(pair, receiver, body, change, padding=pad):
    """A message to `receiver` whose Inner went through change(inner), in place, and was padded with `padding`."""
    if receiver is pair.python:
        return _payload_of_cpp(pair, pair.cpp.send(body), change, padding)

    def encode(name, message):
        if name == "Inner":
            message = {field: value for field, value in message.items() if value is not None}
            change(message)
        return protobuf.encode(name, message)

    with mock.patch("sp1.session.encode", encode), mock.patch("sp1.session.pad", padding):
        return pair.python.send(body)


def _payload_of_cpp(pair, wire, change, padding):
    _, message, _ = decode(wire)
    session = copy.deepcopy(pair.python.peer.sessions[message.header.sid])
    keys = session._keys_to_open(message.header, FORWARD_JUMP)
    inner = protobuf.decode("Inner", unpad(message.open(keys)))
    change(inner)
    return Message.seal(message.header, keys, padding(protobuf.encode("Inner", inner)))


def init(pair, receiver, body, change):
    """A first message to `receiver` whose SIG_A is change(SIG_A)."""
    if receiver is pair.cpp:
        sign = HybridKey.sign
        with mock.patch.object(HybridKey, "sign", lambda key, octets: change(sign(key, octets))):
            return pair.python.send(body)
    wire, device = pair.cpp.send(body), pair.python.device
    genuine, _, inside = decode(wire)
    keys = handshake.responder_secrets(device.party, device.batches[-1], genuine).claim_keys()
    reader = Reader(genuine.open(keys))
    claim = reader.take(reader.number(4))
    padded = vector(claim) + change(reader.take(HYBRID_SIGNATURE))
    padded = padded.ljust(padded_size(len(padded) - 4), b"\0")
    return Init.seal(genuine.bundle_hash, genuine.index, genuine.ek_a, genuine.ct0, keys, padded).octets + inside
