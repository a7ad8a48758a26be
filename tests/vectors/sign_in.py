#!/usr/bin/env python3
"""Prints the authenticator of docs/specs/sign-in.md 1 that account_password_test.cpp expects, with the reference
implementation of Argon2 (Debian package argon2) and hmac. Environment: ARGON2, its program if not in PATH."""

import hmac
import os
import subprocess


def label(name):
    return b"sp1." + name.encode() + b"\0"


def variable(octets):
    return len(octets).to_bytes(4, "big") + octets


password = b"correct horse battery"
salt = bytes(range(1, 17))
stretched = bytes.fromhex(subprocess.run(
    [os.environ.get("ARGON2", "argon2"), salt, "-id", "-v", "13", "-k", "65536", "-t", "3", "-p", "4", "-l", "32", "-r"],
    input=password, capture_output=True, check=True).stdout.decode().strip())
prk = hmac.digest(label("sign-in"), stretched, "sha384")
print(hmac.digest(prk, label("sign-in") + variable(b"sotto.example") + salt + b"\x01", "sha384")[:32].hex())
