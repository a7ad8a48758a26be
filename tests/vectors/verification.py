#!/usr/bin/env python3
"""Prints verification.json: the digits of docs/specs/verification.md 2, computed with nothing but hashlib."""

import hashlib
import json

from notation import label, octets


def vector(number):
    run, account_a, account_b = (octets(f"{number} {part}", 16) for part in ("run", "account a", "account b"))
    key_a, key_b, r_a, r_b = (octets(f"{number} {part}", 32) for part in ("key a", "key b", "r a", "r b"))
    commitment = hashlib.sha384(label("sas-c") + account_a + key_a + r_a).hexdigest()
    digest = hashlib.sha384(label("sas") + account_a + key_a + account_b + key_b + r_a + r_b).digest()
    digits = f"{int.from_bytes(digest[:5], 'big') % 10**12:012}"
    return {"run": run.hex(), "account_a": account_a.hex(), "key_a": key_a.hex(), "account_b": account_b.hex(),
            "key_b": key_b.hex(), "r_a": r_a.hex(), "r_b": r_b.hex(), "commitment": commitment,
            "digits": " ".join((digits[:4], digits[4:8], digits[8:]))}


def main():
    found = [vector(number) for number in range(1, 9)]
    # And one whose number starts with a zero.
    found.append(next(one for one in map(vector, range(9, 1000)) if one["digits"][0] == "0"))
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
