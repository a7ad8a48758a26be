#!/usr/bin/env python3
"""Methods, fields and enumerators of the client's service are only ever added (docs/specs/agent.md 8).

Usage: client_service_test.py            compares sdk/openrpc.json with what stands in client_service.json
       client_service_test.py --extend   adds what is new, and takes nothing away
"""

import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
STORED = HERE / "client_service.json"
OPENRPC = HERE.parent.parent / "sdk" / "openrpc.json"


def type_of(schema):
    """A field's type in one word or two."""
    if "allOf" in schema:
        return type_of(schema["allOf"][0])
    if "$ref" in schema:
        return schema["$ref"].rsplit("/", 1)[1]
    if schema["type"] == "array":
        return type_of(schema["items"]) + "[]"
    return schema["type"] + (" " + schema["contentEncoding"] if "contentEncoding" in schema else
                             " of digits" if "pattern" in schema else "")


def summary(document):
    methods = {m["name"]: {"params": {p["name"]: type_of(p["schema"]) for p in m["params"]},
                           "result": m["result"]["name"]} for m in document["methods"]}
    types = {}
    for name, schema in document["components"]["schemas"].items():
        types[name] = schema["enum"] if "enum" in schema else \
            {field: type_of(each) for field, each in schema["properties"].items()}
    return {"methods": methods, "types": types}


def missing(stored, present, where=""):
    """What was there and is not any more, or is something else."""
    if isinstance(stored, dict) and isinstance(present, dict):
        for key, value in stored.items():
            if key not in present:
                yield f"{where}/{key} is gone"
            else:
                yield from missing(value, present[key], f"{where}/{key}")
    elif isinstance(stored, list) and isinstance(present, list):
        yield from (f"{where}/{value} is gone" for value in stored if value not in present)
    elif stored != present:
        yield f"{where} was {stored} and is {present}"


def merged(stored, present):
    if isinstance(stored, dict):
        return {**stored, **{k: merged(stored[k], v) if k in stored else v for k, v in present.items()}}
    if isinstance(stored, list):
        return stored + [value for value in present if value not in stored]
    return stored


def main():
    present = summary(json.loads(OPENRPC.read_text(encoding="utf-8")))
    stored = json.loads(STORED.read_text(encoding="utf-8")) if STORED.exists() else {"methods": {}, "types": {}}
    if "--extend" in sys.argv:
        STORED.write_text(json.dumps(merged(stored, present), indent=1, sort_keys=True) + "\n", encoding="utf-8")
        return 0
    found = list(missing(stored, present))
    for line in found:
        print(line)
    if not stored["methods"]:
        print("client_service.json holds nothing: this test would prove nothing")
    # The comparison itself must see what it is there for.
    planted = json.loads(json.dumps(stored))
    planted["methods"].setdefault("messages.gone", {"params": {}, "result": "Message"})
    planted["types"]["Message"]["body"] = "integer"
    blind = len(list(missing(planted, present))) != len(found) + 2
    return 1 if found or blind or not stored["methods"] else 0


if __name__ == "__main__":
    sys.exit(main())
