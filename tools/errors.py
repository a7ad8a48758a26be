#!/usr/bin/env python3
"""Proves that every enumerator of every error enum was met by some test.

Usage: tools/errors.py RECORD     what test programs wrote where SOTTO_ERROR_RECORD pointed (src/result/record.h)
       tools/errors.py --list     the enums and how many enumerators each has
       tools/errors.py --self-test

Error enums are the `enum class` whose names end in Error, below src/ and apps/, and the codes of the protocol that
WIRE names. tests/errors/not_yet lists enumerators that nothing raises so far; one that is raised, or no longer exists,
must not stand there. Exit status 1 and one line for each finding.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
NOT_YET = ROOT / "tests/errors/not_yet"
# Enums of proto/sotto/v1 with which a peer or the user is refused something; their zero is never sent.
WIRE = ("Error.Code", "TargetResult.Status", "DeviceResult.Refusal", "Goodbye.Reason", "SessionError.Code",
        "Problem.Code")
TOKEN = re.compile(r"namespace\s+([\w:]*)\s*(?:\[\[.*?\]\]\s*)?\{|enum\s+class\s+(\w+)\s*(?::[^{};]*)?\{([^{}]*)\}|[{}]")
PROTO_TOKEN = re.compile(r"(message|enum|oneof)\s+(\w+)\s*\{|(\w+)\s*=\s*(\d+)\s*;|[{}]")


def without_comments(text):
    return re.sub(r"//[^\n]*|/\*.*?\*/", "", text, flags=re.S)


def enumerators(body):
    """{value: name} of the text between an enum's braces."""
    out, value = {}, 0
    for part in filter(None, (part.strip() for part in body.split(","))):
        name, _, given = (piece.strip() for piece in part.partition("="))
        value = int(given, 0) if given else value
        out[value] = name
        value += 1
    return out


def cpp_enums(text):
    """Yields (qualified name, {value: name}) of the error enums of one C++ file."""
    open_braces = []  # what each encloses: a namespace's name or None
    for found in TOKEN.finditer(without_comments(text)):
        if found[0] == "}":
            if open_braces:
                open_braces.pop()
        elif found[0] == "{":
            open_braces.append(None)
        elif found[2] is None:
            open_braces.append(found[1])
        elif found[2].endswith("Error"):
            yield "::".join([*filter(None, open_braces), found[2]]), enumerators(found[3])


def proto_enums(text):
    """Yields (name as the generated C++ has it, {value: name}) of the enums in WIRE of one schema."""
    scopes, values = [], {}
    for found in PROTO_TOKEN.finditer(without_comments(text)):
        if found[1]:
            scopes.append(found[2])
            values = {}
        elif found[3]:
            values[int(found[4])] = found[3]
        elif found[0] == "{":
            scopes.append("")
        else:
            if ".".join(scopes) in WIRE:
                del values[0]
                yield "sotto::v1::" + "_".join(scopes), values
            scopes.pop()


def all_enums():
    out = {}
    for top in ("src", "apps"):
        for file in sorted((ROOT / top).rglob("*")):
            if file.suffix in (".h", ".cpp"):
                out.update(cpp_enums(file.read_text(encoding="utf-8")))
    for file in sorted((ROOT / "proto").rglob("*.proto")):
        out.update(proto_enums(file.read_text(encoding="utf-8")))
    return out


def recorded(text):
    """{enum: values} from the lines of a record; one that was cut by a kill counts for nothing."""
    out = {}
    for line in text.splitlines():
        if found := re.fullmatch(r"([\w:]+) (\d+)", line):
            out.setdefault(found[1], set()).add(int(found[2]))
    return out


def findings(enums, met, not_yet):
    missing = {f"{enum}::{name}" for enum, values in enums.items() for value, name in values.items()
               if value not in met.get(enum, ())}
    known = {f"{enum}::{name}" for enum, values in enums.items() for name in values.values()}
    for name in sorted(missing - not_yet):
        yield f"{name}: no test makes it happen"
    for name in sorted(not_yet - missing):
        yield f"{name}: {'a test makes it happen' if name in known else 'does not exist'}; remove it from {NOT_YET.name}"
    for name in sorted(set(met) - set(enums)):
        yield f"{name}: returned as an error, but not named as one"


def self_test():
    enums = dict(cpp_enums("""namespace sotto::a { namespace { struct X { int y; }; }
      enum class AError : std::uint8_t { one,  ///< commas, in comments
        two, /* { */ three = 7, four }; enum class Kind { ordinary }; }
      namespace sotto::b { enum class BError { only }; }"""))
    enums.update(proto_enums("""message Other { enum Code { ZERO = 0; ONE = 1; } }
      message Error { Code code = 1; enum Code { UNSPECIFIED = 0; reserved 7; BAD = 3; } }"""))
    expected = {"sotto::a::AError": {0: "one", 1: "two", 7: "three", 8: "four"}, "sotto::b::BError": {0: "only"},
                "sotto::v1::Error_Code": {3: "BAD"}}
    failures = [] if enums == expected else [f"read {enums}"]
    met = recorded("sotto::a::AError 0\nsotto::a::AError 7\nsotto::b::BError 0\nsotto::v1::Error_Co\nsotto::c::Odd 1\n")
    found = list(
        findings(enums, met, {"sotto::a::AError::four", "sotto::a::AError::three", "sotto::a::AError::gone"}))
    expected = ["sotto::a::AError::two: no test makes it happen", "sotto::v1::Error_Code::BAD: no test makes it happen",
                "sotto::a::AError::gone: does not exist; remove it from not_yet",
                "sotto::a::AError::three: a test makes it happen; remove it from not_yet",
                "sotto::c::Odd: returned as an error, but not named as one"]
    return failures + ([] if found == expected else [f"found {found}"])


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    if sys.argv[1] == "--self-test":
        found = self_test()
        print("\n".join(found))
        return 1 if found else 0
    enums = all_enums()
    total = sum(len(values) for values in enums.values())
    if sys.argv[1] == "--list":
        for name, values in sorted(enums.items()):
            print(f"{name}: {len(values)}")
        print(f"{len(enums)} enums, {total} enumerators")
        return 0
    not_yet = set(re.sub(r"#.*", "", NOT_YET.read_text(encoding="utf-8")).split())
    found = list(findings(enums, recorded(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")), not_yet))
    print("\n".join([*found, f"{total} enumerators of {len(enums)} error enums, {len(not_yet)} not raised yet, "
                             f"{len(found)} findings"]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
