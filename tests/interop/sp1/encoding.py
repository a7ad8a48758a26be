"""Octet notation (session-protocol.md 2), padding (6), a reader for fixed forms and the errors of reception."""

LONGEST_ENVELOPE = 64 * 1024
SMALLEST_PADDED = 256


class Malformed(Exception):
    """Octets that are not a form of the specification."""


def u8(number):
    return number.to_bytes(1, "big")


def u16(number):
    return number.to_bytes(2, "big")


def u32(number):
    return number.to_bytes(4, "big")


def u64(number):
    return number.to_bytes(8, "big")


def vector(octets):
    return u32(len(octets)) + octets


def label(name):
    return b"sp1." + name.encode() + b"\0"


class Reader:
    """Takes fixed forms from the front of `octets`."""

    def __init__(self, octets):
        self.rest = octets

    def take(self, size):
        if size > len(self.rest):
            raise Malformed("truncated")
        taken, self.rest = self.rest[:size], self.rest[size:]
        return taken

    def number(self, size):
        return int.from_bytes(self.take(size), "big")

    def expect(self, octets):
        if self.take(len(octets)) != octets:
            raise Malformed("unexpected octets")


def padme(length):
    exponent = length.bit_length() - 1
    mantissa = exponent.bit_length()
    mask = (1 << (exponent - mantissa)) - 1
    return (length + mask) & ~mask


def padded_size(length):
    """Of u32 length || `length` octets || zeros."""
    return max(SMALLEST_PADDED, padme(4 + length))


def pad(octets):
    return vector(octets).ljust(padded_size(len(octets)), b"\0")


def unpad(padded):
    reader = Reader(padded)
    octets = reader.take(reader.number(4))
    if len(padded) != padded_size(len(octets)) or any(reader.rest):
        raise Malformed("padding")
    return octets
