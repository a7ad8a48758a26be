#!/usr/bin/env python3
"""Prints attachment.json: stored octets and tags of docs/specs/session-protocol.md 10. Hashes are hashlib's; AES is
written out below after FIPS 197, so that nothing here comes from the library that the client uses."""

import hashlib
import hmac
import json

from notation import expand, label, octets

CHUNK = 65536


def pattern(size):
    """The file: cheap to make anywhere."""
    return bytes((i * 7 + (i >> 8)) & 255 for i in range(size))


def double(a):
    return (a << 1 ^ 0x11B) & 0xFF if a & 0x80 else a << 1


def make_sbox():
    box, p, q = [0] * 256, 1, 1
    while True:
        p ^= double(p)
        for shift in (1, 2, 4):
            q = (q ^ q << shift) & 0xFF
        if q & 0x80:
            q ^= 0x09
        rotated = q
        for shift in (1, 2, 3, 4):
            rotated ^= (q << shift | q >> 8 - shift) & 0xFF
        box[p] = rotated ^ 0x63
        if p == 1:
            break
    box[0] = 0x63
    return box


SBOX = make_sbox()


def round_keys(key):
    words, rcon = [list(key[i:i + 4]) for i in range(0, 32, 4)], 1
    for i in range(8, 60):
        word = list(words[i - 1])
        if i % 8 == 0:
            word = [SBOX[b] for b in word[1:] + word[:1]]
            word[0] ^= rcon
            rcon = double(rcon)
        elif i % 8 == 4:
            word = [SBOX[b] for b in word]
        words.append([a ^ b for a, b in zip(words[i - 8], word)])
    return [sum(words[i:i + 4], []) for i in range(0, 60, 4)]


def encrypt_block(keys, block):
    state = [a ^ b for a, b in zip(block, keys[0])]
    for number in range(1, 15):
        state = [SBOX[state[(i + 4 * (i % 4)) % 16]] for i in range(16)]
        if number < 14:
            mixed = []
            for column in range(0, 16, 4):
                c = state[column:column + 4]
                total = c[0] ^ c[1] ^ c[2] ^ c[3]
                mixed += [c[i] ^ total ^ double(c[i] ^ c[(i + 1) % 4]) for i in range(4)]
            state = mixed
        state = [a ^ b for a, b in zip(state, keys[number])]
    return bytes(state)


def ctr(key, iv, plain):
    keys, counter, stream = round_keys(key), int.from_bytes(iv, "big"), b""
    for _ in range(0, len(plain), 16):
        stream += encrypt_block(keys, counter.to_bytes(16, "big"))
        counter = (counter + 1) % (1 << 128)
    return bytes(a ^ b for a, b in zip(plain, stream))


def padme(length):
    if length < 2:
        return length
    e = length.bit_length() - 1
    mask = (1 << e - e.bit_length()) - 1
    return length + mask & ~mask


def stored(key, file_id, plain):
    padded = plain + bytes(padme(len(plain)) - len(plain))
    chunks = [padded[i:i + CHUNK] for i in range(0, len(padded), CHUNK)] or [b""]
    body, tags = b"", b""
    for i, chunk in enumerate(chunks):
        last = bytes([i == len(chunks) - 1])
        keys = expand(key, label("att") + file_id + i.to_bytes(8, "big") + last, 96)
        cipher = ctr(keys[:32], keys[32:48], chunk)
        body += cipher
        tags += hmac.digest(keys[48:], cipher, "sha384")[:32]
    tags_hash = hashlib.sha384(label("att-tags") + len(chunks).to_bytes(8, "big") + tags).digest()
    return body + tags, tags, tags_hash


def main():
    assert encrypt_block(round_keys(bytes(range(32))), bytes.fromhex("00112233445566778899aabbccddeeff")).hex() == \
        "8ea2b7ca516745bfeafc49904b496089", "FIPS 197 C.3"
    cases = []
    for size in (0, 1, 2, 9, 1000, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK):
        key, file_id, plain = octets(f"key {size}", 48), octets(f"id {size}", 32), pattern(size)
        all_octets, tags, tags_hash = stored(key, file_id, plain)
        cases.append({"file": size, "stored": len(all_octets), "key": key.hex(), "file_id": file_id.hex(),
                      "stored_sha384": hashlib.sha384(all_octets).hexdigest(), "tags": tags.hex(),
                      "tags_hash": tags_hash.hex()})
    print(json.dumps({"comment": "octet i of a file is (i * 7 + (i >> 8)) mod 256", "cases": cases}, indent=1))


if __name__ == "__main__":
    main()
