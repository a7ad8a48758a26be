#!/usr/bin/env python3
"""Prints recovery.json: texts, keys and shares of docs/specs/recovery.md 1 and 3, with hashlib, hmac and field tables."""

import base64
import hashlib
import json

from notation import ORDER, expand, extract, label, octets


def text(seed):
    check = int.from_bytes(hashlib.sha256(label("recovery-check") + seed).digest()[:3], "big") >> 4
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    plain = base64.b32encode(seed).decode() + "".join(alphabet[check >> shift & 31] for shift in (15, 10, 5, 0))
    return "-".join(plain[i:i + 4] for i in range(0, 36, 4))


def private(prk, name, size):
    for number in range(16):
        key = expand(prk, label(name) + bytes([number]), size)
        if 0 < int.from_bytes(key[:32], "big") < ORDER:
            return key
    raise ValueError("no key")


def tables():
    """Powers of the generator 3, and their logarithms."""
    powers, element = [], 1
    for _ in range(255):
        powers.append(element)
        element ^= element << 1
        if element > 255:
            element ^= 0x11B
    return powers, {value: exponent for exponent, value in enumerate(powers)}


POWERS, LOGARITHMS = tables()


def multiply(a, b):
    return POWERS[(LOGARITHMS[a] + LOGARITHMS[b]) % 255] if a and b else 0


def shares(secret, coefficients, threshold, count):
    """coefficients: as drawn, `threshold` for each octet, of which the first is not used."""
    out = []
    for x in range(1, count + 1):
        value = []
        for at, octet in enumerate(secret):
            drawn = coefficients[at * threshold:(at + 1) * threshold]
            total, power = octet, 1
            for coefficient in drawn[1:]:
                power = multiply(power, x)
                total ^= multiply(coefficient, power)
            value.append(total)
        out.append(bytes(value))
    return out


def vector(number, threshold, count):
    seed, account, key, chosen = (octets(f"{number} {name}", size)
                                  for name, size in (("seed", 20), ("account", 16), ("key", 32), ("set", 16)))
    prk = extract(label("recovery-key") + account + key, seed)
    access = expand(extract(label("recovery-access"), seed), label("recovery-access"), 48)
    coefficients = octets(f"{number} coefficients", 20 * threshold)
    values = shares(seed, coefficients, threshold, count)
    digests = [hashlib.sha256(label("recovery-share") + account + key + chosen + access[:16]
                              + bytes([threshold, count, index]) + value).digest()
               for index, value in enumerate(values, 1)]
    return {"seed": seed.hex(), "text": text(seed), "account": account.hex(), "key": key.hex(),
            "sign": private(prk, "recovery-sign", 64).hex(), "seal": private(prk, "recovery-seal", 96).hex(),
            "slot": access[:16].hex(), "access": access[16:].hex(), "set": chosen.hex(), "threshold": threshold,
            "coefficients": coefficients.hex(), "shares": [value.hex() for value in values],
            "digests": [digest.hex() for digest in digests]}


def main():
    print(json.dumps([vector(1, 2, 3), vector(2, 3, 5), vector(3, 16, 16)], indent=1))


if __name__ == "__main__":
    main()
