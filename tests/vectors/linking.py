#!/usr/bin/env python3
"""Prints linking.json: passwords and keys of docs/specs/linking.md 1 and 3, computed with hashlib, hmac and integers."""

import hashlib
import hmac
import json

from notation import ORDER, expand, extract, label, octets


def password(account, secret):
    digest = hashlib.sha512(label("link-pw") + account + secret).digest()
    return (int.from_bytes(digest, "big") % ORDER).to_bytes(32, "big")


def vector(number, scanned):
    account = octets(f"{number} account", 16)
    parts = {name: octets(f"{number} {name}", 32) for name in ("account_key", "trusted_key", "new_key")}
    hashes = {name: octets(f"{number} {name}", 48) for name in ("encapsulation_key_hash", "ciphertext_hash")}
    shares = {name: octets(f"{number} {name}", 33) for name in ("new_share", "trusted_share")}
    kem, spake2, secret = octets(f"{number} kem", 32), octets(f"{number} spake2", 16), octets(f"{number} qr", 32)
    shown = secret if scanned else f"{int.from_bytes(octets(f'{number} code', 8), 'big') % 10**6:06}".encode()

    transcript = hashlib.sha384(label("link") + account + b"".join(parts.values()) + b"".join(hashes.values())
                                + b"".join(shares.values())).digest()
    prk = extract(transcript, kem + spake2 + (secret if scanned else b""))
    keys = expand(prk, label("link-keys"), 4 * 48)
    confirm_new, confirm_trusted, from_new, from_trusted = (keys[i:i + 48] for i in range(0, 192, 48))
    out = {"account": account, **parts, **hashes, **shares, "kem": kem, "spake2": spake2,
           "password": password(account, shown), "transcript": transcript,
           "new_confirmation": hmac.digest(confirm_new, transcript, "sha384"),
           "trusted_confirmation": hmac.digest(confirm_trusted, transcript, "sha384"),
           "device_seal": expand(from_new, label("link-seal"), 96),
           "grant_seal": expand(from_trusted, label("link-seal"), 96)}
    out["qr_secret" if scanned else "code"] = shown
    return {name: value.decode() if name == "code" else value.hex() for name, value in out.items()}


def main():
    print(json.dumps([vector(number, number % 2 == 0) for number in range(1, 5)], indent=1))


if __name__ == "__main__":
    main()
