"""The proto3 wire form of the messages in proto/sotto/v1/session.proto and content.proto, as dictionaries.

Empty and zero fields are left out, as proto3 does; a decoder gives every scalar field, with its default, and a message
field only when it was there. Unknown fields are skipped.
"""

from .encoding import Malformed

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5

# message -> field number -> (name, kind); a kind is "number", "bytes", "list" (of bytes) or another message
SCHEMAS = {
    "ManifestRef": {1: ("version", "number"), 2: ("hash16", "bytes")},
    "TransparencyHead": {1: ("log_id8", "bytes"), 2: ("size", "number"), 3: ("root32", "bytes")},
    "IdClaim": {1: ("account", "bytes"), 2: ("device", "bytes"), 3: ("own_manifest", "ManifestRef"),
                4: ("peer_manifest", "ManifestRef"), 5: ("transparency_head", "TransparencyHead"),
                6: ("ek1_hash", "bytes"), 7: ("replaces", "list")},
    "Inner": {1: ("content", "bytes"), 2: ("proof", "ContentProof"), 3: ("ratchet_auth", "bytes"),
              4: ("pq_step", "PqStep"), 5: ("gossip", "Gossip"), 6: ("ack", "AckInfo"), 7: ("error", "SessionError")},
    "PqStep": {1: ("epoch", "number"), 2: ("ek", "bytes"), 3: ("ct", "bytes"), 4: ("ek_id", "bytes"),
               5: ("ecdsa", "bytes"), 6: ("mldsa", "bytes")},
    "Gossip": {1: ("own_manifest", "ManifestRef"), 2: ("peer_manifest", "ManifestRef"),
               3: ("transparency_head", "TransparencyHead")},
    "AckInfo": {1: ("ratchet_key", "bytes")},
    "ContentProof": {1: ("signature", "bytes"), 2: ("msg_id", "bytes"), 3: ("sender_seq", "number"),
                     4: ("sent_ms", "number"), 6: ("dm_account", "bytes"), 7: ("group_id", "bytes")},
    "SessionError": {1: ("code", "number"), 2: ("wire_hash16", "bytes"), 3: ("session_id", "bytes")},
    "Content": {1: ("fallback_text", "bytes"), 2: ("text", "Text"), 5: ("previous_hash16", "bytes"),
                6: ("sender_handle", "bytes")},
    "Text": {1: ("body", "bytes")},
}
DEFAULTS = {"number": 0, "bytes": b""}


def _varint(number):
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out) + bytes([number])


def encode(name, message):
    out = b""
    for number, (field, kind) in sorted(SCHEMAS[name].items()):
        value = message.get(field)
        if kind == "number":
            out += _varint(number << 3 | VARINT) + _varint(value) if value else b""
        elif kind == "list":
            out += b"".join(_varint(number << 3 | BYTES) + _varint(len(item)) + item for item in value or [])
        elif value is not None and (value or kind != "bytes"):
            octets = value if kind == "bytes" else encode(kind, value)
            out += _varint(number << 3 | BYTES) + _varint(len(octets)) + octets
    return out


class _Input:
    def __init__(self, octets):
        self.octets, self.at = octets, 0

    def varint(self):
        value = 0
        for shift in range(0, 70, 7):
            octet = self.take(1)[0]
            value |= (octet & 0x7F) << shift
            if octet < 0x80:
                return value & (1 << 64) - 1
        raise Malformed("varint")

    def take(self, size):
        if self.at + size > len(self.octets):
            raise Malformed("protobuf truncated")
        self.at += size
        return self.octets[self.at - size:self.at]

    def value(self, wire_type):
        if wire_type == VARINT:
            return self.varint()
        if wire_type == BYTES:
            return self.take(self.varint())
        if wire_type in (FIXED32, FIXED64):
            return self.take(4 if wire_type == FIXED32 else 8)
        raise Malformed("wire type")


def decode(name, octets):
    schema, source = SCHEMAS[name], _Input(octets)
    message = {field: [] if kind == "list" else DEFAULTS[kind]
               for field, kind in schema.values() if kind == "list" or kind in DEFAULTS}
    while source.at < len(octets):
        tag = source.varint()
        number, wire_type = tag >> 3, tag & 7
        value = source.value(wire_type)
        if number == 0:
            raise Malformed("field 0")
        field, kind = schema.get(number, (None, None))
        if field is None:
            continue
        if wire_type != (VARINT if kind == "number" else BYTES):
            raise Malformed(f"{name}.{field}")
        if kind == "list":
            message[field].append(value)
        else:
            message[field] = value if kind in DEFAULTS else decode(kind, value)
    return message
